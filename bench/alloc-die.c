// alloc-die.c -- allocation when everything dies at once
//
//     PROGRAM alloc-die SIZE [OPS]
//
// Zeroed blocks of SIZE bytes whose first word is written and whose address
// then is overwritten by the next.  The best case of a collector: nothing to
// trace, so what is timed is allocation, clearing and taking back.  Manual
// regimes free each block before they allocate the next.

#include "regime.h"
#include "workload.h"

static void *volatile latest;

static uint64_t default_ops(uint64_t bytes) {
  uint64_t most = 10000000, fitting = (UINT64_C(1) << 30) / bytes;
  return fitting < most ? fitting : most;
}

int run_alloc_die(int argc, char **argv) {
  uint64_t bytes = argument_number(argc, argv, 0, 64);
  if (bytes < sizeof(void *))
    fail("alloc-die: a size of 8 or more");
  uint64_t ops = argument_number(argc, argv, 1, default_ops(bytes));
  struct stopwatch start = stopwatch_start();
  for (uint64_t i = 0; i < ops; i++) {
    void **block = must(mem_alloc_zeroed(bytes));
    *block = block;
    latest = block;
    if (MEM_FREES)
      mem_free(block);
  }
  report(&(struct result){ .workload = "alloc-die",
                           .time = stopwatch_stop(start),
                           .ops = ops,
                           .bytes = ops * bytes,
                           .check = ops });
  return 0;
}
