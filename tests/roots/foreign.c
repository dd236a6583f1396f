// foreign.c -- threads that nobody told us of, and that never call us, hold the
// only pointer
//
// Made by thrd_create (which libc does not route through pthread_create), by
// clone() with and without storage of its own, or started before the library.

#include <gleaner/gc.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <threads.h>
#include <unistd.h>

#include "held.h"

#define ROUNDS 20
#define STACK_BYTES 65536

static atomic_int is_held, shall_drop;
static atomic_int tid_to_clear;

static NOINLINE void keep(hidden object) {
  void *volatile local = held_show(object);
  is_held = 1;
  while (!shall_drop)
    syscall(SYS_futex, &shall_drop, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
  local = NULL;
  (void)local;
}

static void wait_until_held(void) {
  while (!is_held)
    sched_yield();
}

static void let_go(void) {
  shall_drop = 1;
  syscall(SYS_futex, &shall_drop, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

// ---- C11 --------------------------------------------------------------------

static thrd_t c11_thread;

static int run_c11(void *argument) {
  keep((hidden)argument);
  return 0;
}

static void hold_in_c11(hidden object) {
  is_held = shall_drop = 0;
  HELD_CHECK(thrd_create(&c11_thread, run_c11, (void *)object)
             == thrd_success);
  wait_until_held();
}

static void drop_in_c11(void) {
  let_go();
  thrd_join(c11_thread, NULL);
}

static _Thread_local void *volatile in_tls;

static int run_c11_tls(void *argument) {
  in_tls = held_show((hidden)argument);
  is_held = 1;
  while (!shall_drop)
    sched_yield();
  in_tls = NULL;
  return 0;
}

static void hold_in_c11_tls(hidden object) {
  is_held = shall_drop = 0;
  HELD_CHECK(thrd_create(&c11_thread, run_c11_tls, (void *)object)
             == thrd_success);
  wait_until_held();
}

// ---- clone ------------------------------------------------------------------

static char *stack;

static int run_clone(void *argument) {
  keep((hidden)argument);
  return 0;
}

static void hold_in_clone(hidden object) {
  is_held = shall_drop = 0;
  tid_to_clear = 1;
  int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
              | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID;
  HELD_CHECK(clone(run_clone, stack + STACK_BYTES, flags, (void *)object, NULL,
                   NULL, &tid_to_clear)
             > 0);
  wait_until_held();
}

static void drop_in_clone(void) {
  let_go();
  while (tid_to_clear)
    sched_yield();
  memset(stack, 0, STACK_BYTES);  // in the heap it is scanned, used or not
}

// ---- Before the library -----------------------------------------------------

static atomic_int early_has_object, early_shall_end;
static hidden early_object;

static int run_early(void *argument) {
  (void)argument;
  while (!early_shall_end) {
    while (!early_has_object && !early_shall_end)
      sched_yield();
    if (early_has_object)
      keep(early_object);
    held_scrub();
    early_has_object = 0;
  }
  return 0;
}

static void hold_in_early(hidden object) {
  early_object = object;
  is_held = shall_drop = 0;
  early_has_object = 1;
  wait_until_held();
}

static void drop_in_early(void) {
  let_go();
  while (early_has_object)
    sched_yield();
}

int main(void) {
  held_deadline(60);
  thrd_t early;
  HELD_CHECK(thrd_create(&early, run_early, NULL) == thrd_success);
  held_claim_in(ROUNDS, "a thread older than the library", hold_in_early,
                drop_in_early);
  early_shall_end = 1;
  thrd_join(early, NULL);
  held_claim_in(ROUNDS, "a thread of thrd_create", hold_in_c11, drop_in_c11);
  held_claim_in(ROUNDS, "thread-local data of one", hold_in_c11_tls,
                drop_in_c11);
  stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  HELD_CHECK(stack != MAP_FAILED);
  held_claim_in(ROUNDS, "a task of clone on a stack from mmap", hold_in_clone,
                drop_in_clone);
  munmap(stack, STACK_BYTES);
  stack = malloc(STACK_BYTES);
  held_claim_in(ROUNDS, "a task of clone on a stack from malloc",
                hold_in_clone, drop_in_clone);
  free(stack);
  stack = gc_malloc(STACK_BYTES);
  held_claim_in(ROUNDS, "a task of clone on a stack from gc_malloc",
                hold_in_clone, drop_in_clone);
  struct gc_stats stats;
  gc_collect();
  HELD_CHECK(gc_get_stats(&stats, sizeof stats) == 0);
  held_report("threads that ended are forgotten", stats.threads == 1);
  return held_result();
}
