// workload.h -- what the workloads share: a stopwatch and the line they print
//
// A workload is a function of its arguments; the measured part lies between
// stopwatch_start() and stopwatch_stop(), and report() prints one line of
// name=value pairs on stdout, which the driver (bench.c) reads:
//
//   workload regime        names
//   cpu_ns wall_ns         of the measured part, all threads together
//   rss_kib                peak resident set of the process, so far
//   ops ns_per_op          what was counted, and CPU time / ops
//   bytes                  what was covered, where a rate makes sense, or 0
//   check                  the answer: the same under every regime
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

struct stopwatch {
  uint64_t cpu_ns;   // CLOCK_PROCESS_CPUTIME_ID
  uint64_t wall_ns;  // CLOCK_MONOTONIC
};

struct result {
  const char *workload;
  struct stopwatch time;  // elapsed
  uint64_t ops;
  uint64_t bytes;
  uint64_t check;
};

struct stopwatch stopwatch_start(void);

// Time since `start`, on both clocks.
struct stopwatch stopwatch_stop(struct stopwatch start);

void report(const struct result *result);

// One line on stderr, exit status 2.
_Noreturn void fail(const char *what);

// `block`, unless it is NULL: then fail().
static inline void *must(void *block) {
  if (!block)
    fail("out of memory");
  return block;
}

// The number in argument `index` of those after the workload's name.
uint64_t argument_number(int argc, char **argv, int index, uint64_t fallback);

// xorshift64* (S. Vigna, "An experimental exploration of Marsaglia's xorshift
// generators, scrambled", 2016).  A state of 0 is not allowed.
static inline uint64_t random_next(uint64_t *state) {
  uint64_t x = *state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  *state = x;
  return x * 0x2545F4914F6CDD1Du;
}

// Uniform below `bound`, for bounds well below 2^32.
static inline uint32_t random_below(uint64_t *state, uint32_t bound) {
  return (uint32_t)(((random_next(state) >> 32) * bound) >> 32);
}

// A block size: `bytes`, or uniform over 16 to 1024 where that is 0 (mixed).
static inline size_t size_or_mixed(size_t bytes, uint64_t *state) {
  return bytes ? bytes : 16 + random_below(state, 1024 - 16 + 1);
}

int run_gcbench(int argc, char **argv);
int run_mt_gcbench(int argc, char **argv);
int run_binary_trees(int argc, char **argv);
int run_malloc_micro(int argc, char **argv);
int run_cross_thread(int argc, char **argv);
int run_mark_graph(int argc, char **argv);
int run_alloc_die(int argc, char **argv);
int run_startup(int argc, char **argv);

#endif
