// contexts.c -- the only pointer lies on a stack of the program's own making:
// suspended, or running while another thread or the coroutine itself collects
//
// ucontexts on stacks from mmap, malloc, both regimes and static memory; then a
// switch written by hand, which nobody tells the library of.

#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "held.h"

#define STACK_BYTES (64 * 1024)

// ---- ucontext ---------------------------------------------------------------

static ucontext_t main_context;
static ucontext_t *coroutine;
static hidden wanted;
static int shall_end;

static NOINLINE void keep_and_switch(void) {
  void *volatile local = held_show(wanted);
  wanted = 0;
  do
    HELD_CHECK(swapcontext(coroutine, &main_context) == 0);
  while (!shall_end);
  local = NULL;
  (void)local;
}

static void run_coroutine(void) {
  for (;;) {
    keep_and_switch();
    HELD_CHECK(swapcontext(coroutine, &main_context) == 0);
  }
}

static void resume(void) {
  HELD_CHECK(swapcontext(&main_context, coroutine) == 0);
}

static void hold_suspended(hidden object) {
  wanted = object;
  shall_end = 0;
  resume();
}

static void drop_suspended(void) {
  shall_end = 1;
  resume();
  held_scrub();
}

static void start_on(void *stack) {
  HELD_CHECK(getcontext(coroutine) == 0);
  coroutine->uc_stack.ss_sp = stack;
  coroutine->uc_stack.ss_size = STACK_BYTES;
  coroutine->uc_link = NULL;
  makecontext(coroutine, run_coroutine, 0);
}

static void claim_suspended(const char *where, void *stack) {
  char words[96];
  snprintf(words, sizeof words, "a suspended ucontext, its stack from %s",
           where);
  HELD_CHECK(stack != NULL && stack != MAP_FAILED);
  start_on(stack);
  held_claim(words, hold_suspended, drop_suspended);
}

static char static_stack[STACK_BYTES] __attribute__((aligned(16)));

static void *map_stack(void) {
  return mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void suspended_contexts(void) {
  static ucontext_t in_bss;
  coroutine = &in_bss;
  void *stack = map_stack();
  claim_suspended("mmap", stack);
  munmap(stack, STACK_BYTES);
  stack = malloc(STACK_BYTES);
  claim_suspended("malloc", stack);
  free(stack);
  claim_suspended("gc_malloc", gc_malloc(STACK_BYTES));
  stack = mm_malloc(STACK_BYTES);
  claim_suspended("mm_malloc", stack);
  mm_free(stack);
  claim_suspended("static memory", static_stack);
  HELD_CHECK(gc_add_stack(static_stack, STACK_BYTES) == 0);
  claim_suspended("gc_add_stack too", static_stack);
  HELD_CHECK(gc_remove_stack(static_stack) == 0);
}

// Where the registers of a suspended context are.
static void context_in_malloc(void) {
  coroutine = malloc(sizeof *coroutine);
  claim_suspended("mmap, and the context from malloc", map_stack());
}

// ---- A stack forgotten without a word ---------------------------------------

static void unmapped_and_closed_stacks_do_no_harm(void) {
  for (unsigned i = 0; i < 64; i++) {
    char *stack = map_stack();
    HELD_CHECK(stack != MAP_FAILED);
    memset(stack, 0, STACK_BYTES);
    start_on(stack);
    if (i % 3 == 0)
      munmap(stack, STACK_BYTES);
    else if (i % 3 == 1)
      mprotect(stack, 4096, PROT_NONE);
    else
      mprotect(stack, STACK_BYTES, PROT_NONE);
  }
  held_collect();
  held_report("stacks unmapped or closed to reading do no harm", 1);
}

// ---- Collecting on the coroutine --------------------------------------------

// Asks the coroutine to collect; main, suspended, holds the pointer.
static void collect_on_coroutine(void) {
  for (;;) {
    held_scrub();
    gc_collect();
    held_scrub();
    HELD_CHECK(swapcontext(coroutine, &main_context) == 0);
  }
}

static NOINLINE void hold_in_main(hidden object) {
  void *volatile local = held_show(object);
  resume();
  local = NULL;
  (void)local;
}

static void claim_main_suspended(const char *where, void *stack) {
  static hidden objects[20];
  static unsigned alive, stayed;  // static: a context may be come back to twice
  alive = stayed = 0;
  static ucontext_t in_bss;
  coroutine = &in_bss;
  HELD_CHECK(getcontext(coroutine) == 0);
  coroutine->uc_stack.ss_sp = stack;
  coroutine->uc_stack.ss_size = STACK_BYTES;
  makecontext(coroutine, collect_on_coroutine, 0);
  for (unsigned i = 0; i < 20; i++) {
    objects[i] = held_make();
    held_scrub();
    hold_in_main(objects[i]);
    alive += held_is_alive(objects[i]) != 0;
    held_scrub();
  }
  resume();
  held_collect();
  for (unsigned i = 0; i < 20; i++)
    stayed += held_is_alive(objects[i]) != 0;
  char words[128];
  snprintf(words, sizeof words,
           "main, suspended while a coroutine collects on a stack from %s",
           where);
  held_report(words, alive == 20 && stayed <= 2);
}

// ---- A switch by hand -------------------------------------------------------

#if defined __x86_64__

// Saves the callee's registers and the stack pointer in *from, and goes on
// at `to`.
void switch_stacks(void **from, void *to);
__asm__(".text\n.type switch_stacks, @function\nswitch_stacks:\n"
        "push %rbx\npush %rbp\npush %r12\npush %r13\npush %r14\npush %r15\n"
        "mov %rsp, (%rdi)\nmov %rsi, %rsp\n"
        "pop %r15\npop %r14\npop %r13\npop %r12\npop %rbp\npop %rbx\nret\n"
        ".size switch_stacks, .-switch_stacks\n");

static void *thread_at, *fiber_at;
static atomic_int is_held, shall_drop;

static NOINLINE void keep_on_fiber(void) {
  void *volatile local = held_show(wanted);
  wanted = 0;
  is_held = 1;
  while (!shall_drop)
    sched_yield();
  local = NULL;
  (void)local;
}

static void run_fiber(void) {
  for (;;) {
    keep_on_fiber();
    held_scrub();
    switch_stacks(&fiber_at, thread_at);
  }
}

static void prepare_fiber(char *stack) {
  uintptr_t *top = (void *)(stack + STACK_BYTES - 64);
  top[-1] = 0;  // what run_fiber would return to
  top[-2] = (uintptr_t)run_fiber;
  memset(top - 8, 0, 6 * sizeof *top);
  fiber_at = top - 8;
}

static pthread_t thread;

static void *run_thread(void *argument) {
  void *volatile on_own_stack = argument;  // of the round before
  switch_stacks(&thread_at, fiber_at);
  on_own_stack = NULL;
  (void)on_own_stack;
  return NULL;
}

static void hold_on_fiber(hidden object) {
  is_held = shall_drop = 0;
  wanted = object;
  HELD_CHECK(pthread_create(&thread, NULL, run_thread, NULL) == 0);
  while (!is_held)
    sched_yield();
}

static void drop_on_fiber(void) {
  shall_drop = 1;
  pthread_join(thread, NULL);
}

static void claim_fiber(const char *where, void *stack) {
  char words[96];
  snprintf(words, sizeof words, "a thread that runs on a stack from %s",
           where);
  HELD_CHECK(stack != NULL && stack != MAP_FAILED);
  prepare_fiber(stack);
  held_claim_in(20, words, hold_on_fiber, drop_on_fiber);
}

// The thread's own stack meanwhile.
static hidden below;

static NOINLINE void switch_away_holding(void) {
  void *volatile local = held_show(below);
  switch_stacks(&thread_at, fiber_at);
  local = NULL;
  (void)local;
}

static void *run_thread_below(void *argument) {
  switch_away_holding();
  return argument;
}

static void hold_below(hidden object) {
  is_held = shall_drop = 0;
  below = object;
  HELD_CHECK(pthread_create(&thread, NULL, run_thread_below, NULL) == 0);
  while (!is_held)
    sched_yield();
}

static void switched_by_hand(void) {
  void *stack = map_stack();
  claim_fiber("mmap", stack);
  held_claim_in(20, "the own stack of a thread that runs elsewhere",
                hold_below, drop_on_fiber);
  stack = malloc(STACK_BYTES);
  claim_fiber("malloc", stack);
  free(stack);
  claim_fiber("static memory", static_stack);
  claim_fiber("gc_malloc", gc_malloc(STACK_BYTES));
  // Nothing but the stack pointer points to it from here on.
  stack = mm_malloc(STACK_BYTES);
  claim_fiber("mm_malloc", stack);
  mm_free(stack);
}
#else
static void switched_by_hand(void) {}
#endif

int main(void) {
  held_deadline(60);
  suspended_contexts();
  context_in_malloc();
  void *stack = map_stack();
  claim_main_suspended("mmap", stack);
  munmap(stack, STACK_BYTES);
  claim_main_suspended("gc_malloc", gc_malloc(STACK_BYTES));
  claim_main_suspended("static memory", static_stack);
  switched_by_hand();
  unmapped_and_closed_stacks_do_no_harm();
  return held_result();
}
