// malloc-micro.c -- the price of one malloc and its free
//
//     PROGRAM malloc-micro PATTERN SIZE [OPS]
//
// PATTERN, each counted in pairs of one malloc and one free:
//   pair     free at once: the fast path alone, one block for ever
//   batch    1000 blocks, freed last in, first out
//   fifo     1000 blocks, freed in the order of allocation
//   random   100,000 live blocks; each step frees one at random and allocates
//            its successor
//
// SIZE in bytes; 0 means mixed: uniform over 16 to 1024.  The first word of
// every block is written, as any program would.  A tenth of OPS runs before
// the clock starts.  The loop itself, the same under all regimes, is part of
// the figure: some 15 instructions.

#include <string.h>

#include "regime.h"
#include "workload.h"

enum { BATCH = 1000, LIVE = 100000 };

struct job {
  size_t bytes;  // of each block, 0: mixed
  uint64_t rng;
  void **slots;  // LIVE of them
};

// volatile, so that no compiler removes the pair or the write.
static inline void *alloc_touched(struct job *job) {
  void *block = must(mem_alloc(size_or_mixed(job->bytes, &job->rng)));
  *(void *volatile *)block = block;
  return block;
}

static void run_pair(struct job *job, uint64_t ops) {
  for (uint64_t i = 0; i < ops; i++)
    mem_free(alloc_touched(job));
}

static void run_batch(struct job *job, uint64_t ops) {
  for (uint64_t done = 0; done < ops; done += BATCH) {
    for (size_t i = 0; i < BATCH; i++)
      job->slots[i] = alloc_touched(job);
    for (size_t i = BATCH; i-- > 0;)
      mem_free(job->slots[i]);
  }
}

static void run_fifo(struct job *job, uint64_t ops) {
  for (uint64_t done = 0; done < ops; done += BATCH) {
    for (size_t i = 0; i < BATCH; i++)
      job->slots[i] = alloc_touched(job);
    for (size_t i = 0; i < BATCH; i++)
      mem_free(job->slots[i]);
  }
}

static void run_random(struct job *job, uint64_t ops) {
  for (uint64_t i = 0; i < ops; i++) {
    size_t slot = random_below(&job->rng, LIVE);
    mem_free(job->slots[slot]);
    job->slots[slot] = alloc_touched(job);
  }
}

static const struct pattern {
  const char *name;
  void (*run)(struct job *job, uint64_t ops);
  uint64_t ops;  // default
  bool starts_full;
} patterns[] = {
  { "pair", run_pair, 10000000, false },
  { "batch", run_batch, 10000000, false },
  { "fifo", run_fifo, 10000000, false },
  { "random", run_random, 4000000, true },
};

static const struct pattern *find_pattern(int argc, char **argv) {
  for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
    if (argc > 0 && !strcmp(argv[0], patterns[i].name))
      return &patterns[i];
  fail("malloc-micro: pattern is pair, batch, fifo or random");
}

int run_malloc_micro(int argc, char **argv) {
  static void *slots[LIVE];
  const struct pattern *pattern = find_pattern(argc, argv);
  struct job job = { .bytes = argument_number(argc, argv, 1, 64),
                     .rng = 88172645463325252u,
                     .slots = slots };
  uint64_t ops = argument_number(argc, argv, 2, pattern->ops);
  if (job.bytes && job.bytes < sizeof(void *))
    fail("malloc-micro: a size of 8 or more, or 0 for mixed");
  if (pattern->starts_full)
    for (size_t i = 0; i < LIVE; i++)
      slots[i] = alloc_touched(&job);
  pattern->run(&job, ops / 10);
  struct stopwatch start = stopwatch_start();
  pattern->run(&job, ops);
  report(&(struct result){ .workload = "malloc-micro",
                           .time = stopwatch_stop(start),
                           .ops = ops,
                           .check = ops });
  return 0;
}
