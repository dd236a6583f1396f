// gcbench.c -- GCBench: many short-lived trees beside a long-lived one
//
//     PROGRAM gcbench
//
// A deep tree is built and dropped to stretch the heap; a long-lived tree and
// a long-lived array of doubles are kept; then trees of growing depth are
// built and dropped, each depth allocating the same number of nodes.
//
// Source: gctree.h.

#include "gctree.h"

int run_gcbench(int argc, char **argv) {
  (void)argc, (void)argv;
  struct stopwatch start = stopwatch_start();
  tree_drop(tree_build_up(TREE_STRETCH_DEPTH));
  struct long_lived lived = long_lived_build();
  uint64_t nodes = tree_churn_all();
  long_lived_check(&lived);
  long_lived_drop(&lived);
  report(&(struct result){ .workload = "gcbench",
                           .time = stopwatch_stop(start),
                           .ops = nodes,
                           .check = nodes });
  return 0;
}
