/* held.c -- see held.h */

#include "held.h"

#include <gleaner/gc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OBJECT_WORDS (HELD_BYTES / sizeof(uintptr_t))
#define SCRUB_BYTES 16384

static unsigned failures;

static uintptr_t mark_of(hidden object, unsigned i) {
  return (object ^ ((uintptr_t)i << 56)) | 1;
}

static NOINLINE void *make(void) {
  uintptr_t *object = gc_malloc(OBJECT_WORDS * sizeof *object);
  if (!object) {
    fprintf(stderr, "no memory\n");
    abort();
  }
  for (unsigned i = 0; i < OBJECT_WORDS; i++)
    object[i] = mark_of(held_hide(object), i);
  return object;
}

NOINLINE hidden held_make(void) { return held_hide(make()); }

NOINLINE hidden held_make_in(held_action hold) {
  void *volatile guard = NULL;
  guard = make();
  hidden object = held_hide(guard);
  hold(object);
  guard = NULL;
  return object;
}

static NOINLINE int is_intact(hidden object) {
  const uintptr_t *words = held_show(object);
  for (unsigned i = 0; i < OBJECT_WORDS; i++)
    if (words[i] != mark_of(object, i))
      return 0;
  return 1;
}

NOINLINE int held_is_alive(hidden object) {
  return gc_base(held_show(object)) == held_show(object)
         && is_intact(object);
}

NOINLINE void held_scrub(void) {
  char dead[SCRUB_BYTES];
  memset(dead, 0, sizeof dead);
  __asm__ volatile("" ::"r"(dead) : "memory");
#if defined __x86_64__
  __asm__ volatile("xor %%eax, %%eax\n\txor %%ecx, %%ecx\n\t"
                   "xor %%edx, %%edx\n\txor %%esi, %%esi\n\t"
                   "xor %%edi, %%edi\n\txor %%r8d, %%r8d\n\t"
                   "xor %%r9d, %%r9d\n\txor %%r10d, %%r10d\n\t"
                   "xor %%r11d, %%r11d\n\txor %%ebx, %%ebx\n\t"
                   "xor %%r12d, %%r12d\n\txor %%r13d, %%r13d\n\t"
                   "xor %%r14d, %%r14d\n\txor %%r15d, %%r15d\n\t"
                   "pxor %%xmm0, %%xmm0\n\tpxor %%xmm1, %%xmm1\n\t"
                   "pxor %%xmm2, %%xmm2\n\tpxor %%xmm3, %%xmm3\n\t"
                   "pxor %%xmm4, %%xmm4\n\tpxor %%xmm5, %%xmm5\n\t"
                   "pxor %%xmm6, %%xmm6\n\tpxor %%xmm7, %%xmm7"
                   :
                   :
                   : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10",
                     "r11", "rbx", "r12", "r13", "r14", "r15", "xmm0", "xmm1",
                     "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7");
#endif
}

NOINLINE void held_collect(void) {
  held_scrub();
  gc_collect();
  held_scrub();
}

void held_report(const char *claim, int is_true) {
  printf("%-6s %s\n", is_true ? "ok" : "FAIL", claim);
  fflush(stdout);
  failures += !is_true;
}

int held_result(void) { return failures ? 1 : 0; }

/* What is dead must not be touched again: its memory may be another's. */
static unsigned count_alive(const hidden *objects, unsigned count) {
  unsigned alive = 0;
  for (unsigned i = 0; i < count; i++)
    alive += held_is_alive(objects[i]) != 0;
  return alive;
}

/* How many of the objects were alive while held; all are in `objects`. */
static unsigned hold_in_turn(hidden *objects, unsigned rounds,
                             held_action hold, held_release drop) {
  unsigned alive = 0;
  for (unsigned i = 0; i < rounds; i++) {
    gc_disable();  // hidden on its way to the place
    objects[i] = held_make();
    hold(objects[i]);
    gc_enable();
    held_collect();
    alive += held_is_alive(objects[i]) != 0;
    drop();
    held_scrub();
  }
  return alive;
}

void held_claim_in(unsigned rounds, const char *claim, held_action hold,
                   held_release drop) {
  static hidden objects[HELD_MAX];
  unsigned kept = hold_in_turn(objects, rounds, hold, drop);
  held_collect();
  unsigned stayed = count_alive(objects, rounds);
  if (kept < rounds || stayed * 10 > rounds)
    printf("       of %u: %u kept while held, %u not let go\n", rounds, kept,
           stayed);
  held_report(claim, kept == rounds && stayed * 10 <= rounds);
}

void held_claim(const char *claim, held_action hold, held_release drop) {
  held_claim_in(HELD_ROUNDS, claim, hold, drop);
}

void held_claim_not(const char *claim, held_action hold, held_release drop) {
  static hidden objects[HELD_MAX];
  unsigned kept = hold_in_turn(objects, HELD_ROUNDS, hold, drop);
  if (kept * 10 > HELD_ROUNDS)
    printf("       of %u: %u kept\n", HELD_ROUNDS, kept);
  held_report(claim, kept * 10 <= HELD_ROUNDS);
}

void held_broken(const char *file, int line, const char *condition) {
  fprintf(stderr, "%s:%d: %s is not so\n", file, line, condition);
  abort();
}

/* SIGALRM's default action: it needs neither a thread nor a lock. */
void held_deadline(unsigned seconds) { alarm(seconds); }
