// death.h -- what the programs of misuse share
//
// Each program is run as
//
//     PROGRAM FUNCTION BYTES
//
// for every function of its `with:` line and every number of its `bytes:` line.
// It takes a block of that many bytes from the regime of the function, does one
// thing wrong, by abuse(), and is expected not to come back from that.  abuse()
// prints the address first, so that tests/death/run can look for it in the last
// words; these must match the `expect:` line too.

#ifndef TESTS_DEATH_DEATH_H
#define TESTS_DEATH_DEATH_H

#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

// ---- The functions that are given addresses ---------------------------------

static void *volatile sink;
static volatile size_t claimed_bytes;  // told to a sized free

static inline void call_mm_realloc(void *block) {
  sink = mm_realloc(block, 5000);
}
static inline void call_gc_realloc(void *block) {
  sink = gc_realloc(block, 5000);
}
static inline void call_mm_usable_size(void *block) {
  claimed_bytes = mm_usable_size(block);
}
static inline void call_gc_usable_size(void *block) {
  claimed_bytes = gc_usable_size(block);
}
static inline void call_mm_free_sized(void *block) {
  mm_free_sized(block, claimed_bytes);
}
static inline void call_mm_free_aligned_sized(void *block) {
  mm_free_aligned_sized(block, 16, claimed_bytes);
}

static const struct under_test {
  const char *name;
  void (*call)(void *block);
} functions[] = {
  { "mm_free", mm_free },
  { "mm_realloc", call_mm_realloc },
  { "mm_usable_size", call_mm_usable_size },
  { "mm_free_sized", call_mm_free_sized },
  { "mm_free_aligned_sized", call_mm_free_aligned_sized },
  { "gc_free", gc_free },
  { "gc_realloc", call_gc_realloc },
  { "gc_usable_size", call_gc_usable_size },
};

static const struct under_test *function;
static size_t block_bytes;

static inline void death_begin(int argc, char **argv) {
  const struct rlimit none = { 0, 0 };
  setrlimit(RLIMIT_CORE, &none);
  for (size_t i = 0; argc == 3 && i < sizeof functions / sizeof *functions; i++)
    if (!strcmp(functions[i].name, argv[1]))
      function = &functions[i];
  if (!function) {
    fprintf(stderr, "usage: PROGRAM FUNCTION BYTES\n");
    exit(2);
  }
  block_bytes = strtoull(argv[2], NULL, 0);
  claimed_bytes = block_bytes;
}

static inline bool is_manual(void) {
  return !strncmp(function->name, "mm_", 3);
}

// ---- Right and wrong --------------------------------------------------------

static inline void *take(void) {
  void *block = is_manual() ? mm_malloc(block_bytes) : gc_malloc(block_bytes);
  sink = block;
  return block;
}

static inline void *take_of_other_regime(void) {
  void *block = is_manual() ? gc_malloc(block_bytes) : mm_malloc(block_bytes);
  sink = block;
  return block;
}

static inline void give_back(void *block) {
  if (is_manual())
    mm_free(block);
  else
    gc_free(block);
}

// The wrong call.  `address` hides where it came from, or the compiler warns.
static NOINLINE void abuse(void *address) {
  __asm__ volatile("" : "+r"(address));
  printf("%p\n", address);
  fflush(stdout);
  function->call(address);
  printf("survived\n");
}

// `work` in a thread of its own, to its end.
static inline void *in_thread(void *(*work)(void *), void *argument) {
  pthread_t thread;
  void *result;
  if (pthread_create(&thread, NULL, work, argument)
      || pthread_join(thread, &result))
    exit(3);
  return result;
}

static inline void *thread_take(void *unused) {
  (void)unused;
  return take();
}
static inline void *thread_give_back(void *block) {
  give_back(block);
  return NULL;
}
static inline void *thread_abuse(void *block) {
  abuse(block);
  return NULL;
}

#endif
