// support.h -- what the tests of the public interface share
//
// Scale and seed come from the environment: TEST_SCALE in per cent (100: as
// written), TEST_SEED for the random tests (each prints the one it used).

#ifndef TESTS_API_SUPPORT_H
#define TESTS_API_SUPPORT_H

#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define GIB ((size_t)1 << 30)

#define NOINLINE __attribute__((noinline))

// ---- The environment --------------------------------------------------------

static inline size_t environment_number(const char *name, size_t otherwise) {
  const char *text = getenv(name);
  return text && *text ? (size_t)strtoull(text, NULL, 0) : otherwise;
}

// `count`, scaled; at least 1.
static inline size_t scaled(size_t count) {
  size_t n = count / 100 * environment_number("TEST_SCALE", 100)
             + count % 100 * environment_number("TEST_SCALE", 100) / 100;
  return n ? n : 1;
}

// Is the pair (i, j) among those to try?  All are at full scale.
static inline bool is_tried(size_t i, size_t j) {
  return (i * 7919 + j * 104729) % 100
         < environment_number("TEST_SCALE", 100);
}

// Is `name` among the words of GLEANER_OPTIONS?
static inline bool has_option(const char *name) {
  const char *text = getenv("GLEANER_OPTIONS");
  return text && strstr(text, name);
}

static inline uint64_t test_seed(const char *test) {
  uint64_t seed = environment_number("TEST_SEED", (size_t)time(NULL)
                                                    ^ (size_t)getpid() << 32);
  printf("%s: TEST_SEED=%llu\n", test, (unsigned long long)seed);
  fflush(stdout);
  return seed;
}

// ---- Chance and patterns ----------------------------------------------------

// Source: S. Vigna, splitmix64.
static inline uint64_t chance(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

static inline bool all_bytes_are(const void *block, size_t bytes,
                                 unsigned char byte) {
  const unsigned char *at = block;
  if (bytes == 0)
    return true;
  return at[0] == byte && memcmp(at, at + 1, bytes - 1) == 0;
}

static inline bool is_aligned(const void *address, size_t alignment) {
  return (uintptr_t)address % alignment == 0;
}

// A size the compiler cannot know, so that it neither warns nor folds.
static inline size_t hidden(size_t n) {
  __asm__("" : "+r"(n));
  return n;
}

// The block escapes: what is done to it stays done.
static inline void *kept(void *block) {
  __asm__ volatile("" : "+r"(block) : : "memory");
  return block;
}

// ---- The library and the system ---------------------------------------------

static inline struct gc_stats stats_now(void) {
  struct gc_stats stats;
  gc_get_stats(&stats, sizeof stats);
  return stats;
}

// Overwrites what earlier calls left below this frame.
static NOINLINE void clear_dead_stack(void) {
  char frames[16 * 1024];
  memset(frames, 0, sizeof frames);
  kept(frames);
}

// A collection that no stale word of this thread's stack distorts.
static inline void collect_cleanly(void) {
  clear_dead_stack();
  gc_collect();
}

// Bytes resident, from /proc; 0 if it cannot be told.
static inline size_t resident_bytes(void) {
  size_t total, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file)
    return 0;
  if (fscanf(file, "%zu %zu", &total, &resident) != 2)
    resident = 0;
  fclose(file);
  return resident * (size_t)sysconf(_SC_PAGESIZE);
}

// Sizes on either side of every boundary that matters: blocks of a class, the
// inlined path's end, small and large, slices and huge pages.
static const size_t interesting_sizes[] = {
  0,       1,           7,       8,       15,      16,          17,
  24,      31,          32,      33,      48,      63,          64,
  65,      100,         127,     128,     129,     160,         192,
  255,     256,         257,     500,     512,     513,         1000,
  1023,    1024,        1025,    1280,    1281,    2000,        2048,
  4000,    4095,        4096,    4097,    5000,    8191,        8192,
  8193,    10000,       16384,   16385,   20480,   30000,       32768,
  32769,   40960,       50000,   57344,   57345,   65535,       65536,
  65537,   69632,       100000,  131072,  131073,  200000,      262144,
  1000000, 1048576,     1048577, 2097152, 3000000, 2097152 + 1, 5 << 20,
};

// At a smaller scale none above 128 KiB: the hard modes look at every byte.
static inline size_t interesting_count(void) {
  size_t count = sizeof interesting_sizes / sizeof interesting_sizes[0];
  if (environment_number("TEST_SCALE", 100) < 100)
    while (interesting_sizes[count - 1] > 128 * KIB)
      count--;
  return count;
}

#define INTERESTING_COUNT interesting_count()

#endif
