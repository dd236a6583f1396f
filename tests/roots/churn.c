// churn.c -- threads begin and end by the thousand while others collect
//
// Joinable and detached, with and without allocation, while others again are in
// libc's malloc: a thread ends with signals blocked, and waits there for locks
// of libc that a stopped thread may hold.

#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "held.h"

#define BATCH 20
#define THREADS 6000
#define SECONDS 4  // at most

static atomic_int is_over, running;
static atomic_uint wrong;

static time_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

static void *collect_always(void *argument) {
  while (!is_over) {
    gc_collect();
    usleep(100);
  }
  return argument;
}

// Holds libc's locks as often as can be: malloc, and the cache of stacks.
static void *use_libc_always(void *argument) {
  while (!is_over) {
    void *blocks[64];
    for (unsigned i = 0; i < 64; i++)
      blocks[i] = malloc(2000 + i * 100);
    for (unsigned i = 0; i < 64; i++)
      free(blocks[i]);
  }
  return argument;
}

static void *allocate_some(void *argument) {
  void **list = NULL;
  for (unsigned i = 0; i < 200; i++) {
    void **cell = gc_malloc(16 + i % 10 * 16);
    cell[0] = list;
    cell[1] = cell;
    list = cell;
  }
  for (void **cell = list; cell; cell = cell[0])
    wrong += cell[1] != cell;
  mm_free(mm_malloc(100));
  running--;
  return argument ? (void *)list : NULL;
}

static void *do_nothing(void *argument) {
  running--;
  return argument;
}

static void join_batch(unsigned round) {
  pthread_t threads[BATCH];
  for (unsigned i = 0; i < BATCH; i++) {
    running++;
    HELD_CHECK(pthread_create(&threads[i], NULL,
                              i % 3 ? allocate_some : do_nothing,
                              i % 2 ? &wrong : NULL)
               == 0);
  }
  for (unsigned i = 0; i < BATCH; i++) {
    void *result;
    pthread_join(threads[(i * 7 + round) % BATCH], &result);
    if (result && result != &wrong)
      for (void **cell = result; cell; cell = cell[0])
        wrong += cell[1] != cell;
  }
}

static void detach_batch(const pthread_attr_t *detached) {
  pthread_t thread;
  for (unsigned i = 0; i < BATCH; i++) {
    running++;
    HELD_CHECK(pthread_create(&thread, detached,
                              i % 3 ? allocate_some : do_nothing, NULL)
               == 0);
  }
  while (running > BATCH)
    sched_yield();
}

// Blocks freed by other threads are counted until their owner looks at them.
static void take_back_what_others_freed(void) {
  static void *blocks[5000];
  for (unsigned i = 0; i < 5000; i++)
    blocks[i] = gc_malloc_uncollectable(48);
  for (unsigned i = 0; i < 5000; i++)
    gc_free(blocks[i]);
}

int main(void) {
  held_deadline(90);
  pthread_t collector, users[2];
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  // Larger than the cache of stacks keeps many of: they are unmapped at the
  // end.
  pthread_attr_setstacksize(&detached, (size_t)8 << 20);
  HELD_CHECK(pthread_create(&collector, NULL, collect_always, NULL) == 0);
  for (unsigned i = 0; i < 2; i++)
    HELD_CHECK(pthread_create(&users[i], NULL, use_libc_always, NULL) == 0);
  unsigned rounds = 0;
  time_t end = now() + SECONDS;
  for (; now() < end && rounds * 2 * BATCH < THREADS; rounds++) {
    join_batch(rounds);
    detach_batch(&detached);
  }
  is_over = 1;
  pthread_join(collector, NULL);
  for (unsigned i = 0; i < 2; i++)
    pthread_join(users[i], NULL);
  while (running)
    sched_yield();
  take_back_what_others_freed();
  struct gc_stats stats;
  for (unsigned i = 0; i < 100; i++) {
    gc_collect();
    HELD_CHECK(gc_get_stats(&stats, sizeof stats) == 0);
    if (stats.threads == 1)
      break;
    usleep(10000);
  }
  printf("       %u threads\n", rounds * 2 * BATCH);
  held_report("threads may begin and end during collections", wrong == 0);
  held_report("none is remembered afterwards",
              stats.threads == 1 && stats.uncollectable_bytes < 4096);
  return held_result();
}
