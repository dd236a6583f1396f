// mt-gcbench.c -- GCBench with several threads that churn at the same time
//
//     PROGRAM mt-gcbench [THREADS]        default 2
//
// The main thread stretches the heap and builds the long-lived data; then each
// thread does the whole churn of gcbench.c.
//
// Source: gctree.h; the threaded form follows H. Boehm's MT_GCBench (2000).

// bdwgc learns of threads by a macro around pthread_create.
#define GC_THREADS
#include "gctree.h"

#include <pthread.h>

enum { THREADS_MAX = 64 };

static void *churn_thread(void *nodes) {
  *(uint64_t *)nodes = tree_churn_all();
  return NULL;
}

static uint64_t churn_in_threads(unsigned threads) {
  pthread_t thread[THREADS_MAX];
  uint64_t nodes[THREADS_MAX], sum = 0;
  for (unsigned i = 0; i < threads; i++)
    if (pthread_create(&thread[i], NULL, churn_thread, &nodes[i]))
      fail("cannot start a thread");
  for (unsigned i = 0; i < threads; i++) {
    pthread_join(thread[i], NULL);
    sum += nodes[i];
  }
  return sum;
}

int run_mt_gcbench(int argc, char **argv) {
  uint64_t threads = argument_number(argc, argv, 0, 2);
  if (threads < 1 || threads > THREADS_MAX)
    fail("1 to 64 threads");
  struct stopwatch start = stopwatch_start();
  tree_drop(tree_build_up(TREE_STRETCH_DEPTH));
  struct long_lived lived = long_lived_build();
  uint64_t nodes = churn_in_threads((unsigned)threads);
  long_lived_check(&lived);
  long_lived_drop(&lived);
  report(&(struct result){ .workload = "mt-gcbench",
                           .time = stopwatch_stop(start),
                           .ops = nodes,
                           .check = nodes });
  return 0;
}
