// lifetimes.c -- the only pointer is on its way into a thread, or out of it
//
// The argument of pthread_create, the value a thread returns or gives to
// pthread_exit until it is joined, values of keys while their destructors run.

#include <gleaner/gc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "held.h"

#define ROUNDS 30

static pthread_t thread;
static atomic_int has_come, may_go;

// The thread's end is known to nobody but the kernel: its list has "." and
// "..", and us.
static void wait_until_ended(void) {
  struct stat list;
  do {
    usleep(200);
    HELD_CHECK(stat("/proc/self/task", &list) == 0);
  } while (list.st_nlink > 3);
}

// ---- Out --------------------------------------------------------------------

static void *return_shown(void *argument) {
  return held_show((hidden)argument);
}

static void *exit_with_shown(void *argument) {
  pthread_exit(held_show((hidden)argument));
}

static void *(*way_out)(void *);

static void hold_in_ended_thread(hidden object) {
  HELD_CHECK(pthread_create(&thread, NULL, way_out, (void *)object) == 0);
  wait_until_ended();
}

static void join_it(void) {
  void *result;
  HELD_CHECK(pthread_join(thread, &result) == 0 && gc_base(result) == result);
}

static void tryjoin_it(void) {
  void *result;
  HELD_CHECK(pthread_tryjoin_np(thread, &result) == 0);
}

static void timedjoin_it(void) {
  void *result;
  struct timespec limit;
  clock_gettime(CLOCK_REALTIME, &limit);
  limit.tv_sec += 5;
  HELD_CHECK(pthread_timedjoin_np(thread, &result, &limit) == 0);
}

static void detach_it(void) { HELD_CHECK(pthread_detach(thread) == 0); }

static void out(void) {
  way_out = return_shown;
  held_claim_in(ROUNDS, "a result returned stays until pthread_join",
                hold_in_ended_thread, join_it);
  held_claim_in(ROUNDS, "a result returned stays until pthread_tryjoin_np",
                hold_in_ended_thread, tryjoin_it);
  held_claim_in(ROUNDS, "a result returned stays until pthread_timedjoin_np",
                hold_in_ended_thread, timedjoin_it);
  held_claim_in(ROUNDS, "a result returned stays until pthread_detach",
                hold_in_ended_thread, detach_it);
  way_out = exit_with_shown;
  held_claim_in(ROUNDS, "a result of pthread_exit stays until pthread_join",
                hold_in_ended_thread, join_it);
}

static void *detach_self_and_return(void *argument) {
  HELD_CHECK(pthread_detach(pthread_self()) == 0);
  return held_show((hidden)argument);
}

static void hold_in_detached(hidden object) {
  pthread_attr_t attributes;
  HELD_CHECK(pthread_attr_init(&attributes) == 0);
  if (way_out == return_shown)
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  HELD_CHECK(
    pthread_create(&thread, &attributes, way_out, (void *)object) == 0);
  pthread_attr_destroy(&attributes);
  wait_until_ended();
}

static void do_nothing(void) {}

static void detached(void) {
  way_out = return_shown;
  held_claim_not("a result of a detached thread is let go", hold_in_detached,
                 do_nothing);
  way_out = detach_self_and_return;
  held_claim_not("a result of a thread that detached itself is let go",
                 hold_in_detached, do_nothing);
}

// ---- In ---------------------------------------------------------------------

// The new thread waits for a processor: the collection comes first, or not.
static hidden arrived;
static atomic_int is_intact;

static void *take_argument(void *argument) {
  arrived = held_hide(argument);
  is_intact += held_is_alive(arrived) != 0;
  argument = NULL;
  held_scrub();
  has_come = 1;
  while (!may_go)
    sched_yield();
  return NULL;
}

static NOINLINE void create_with(hidden object) {
  HELD_CHECK(
    pthread_create(&thread, NULL, take_argument, held_show(object)) == 0);
}

static void argument_reaches_its_thread(void) {
  is_intact = 0;
  for (unsigned i = 0; i < 300; i++) {
    has_come = 0;
    may_go = 1;
    create_with(held_make());
    held_collect();
    pthread_join(thread, NULL);
  }
  held_report("an argument of pthread_create reaches its thread",
              is_intact == 300);
}

static void argument_is_let_go_by_its_thread(void) {
  unsigned stayed = 0;
  for (unsigned i = 0; i < ROUNDS; i++) {
    has_come = may_go = 0;
    create_with(held_make());
    while (!has_come)
      sched_yield();
    held_collect();
    stayed += held_is_alive(arrived) != 0;
    may_go = 1;
    pthread_join(thread, NULL);
  }
  held_report("and is let go once that thread forgot it",
              stayed * 10 <= ROUNDS);
}

// ---- At the end -------------------------------------------------------------

static pthread_key_t keys[3];
static atomic_int destroyed;

static void destroy(void *value) {
  void *volatile local = value;  // where glibc took it from is empty by now
  hidden object = held_hide(value);
  for (unsigned i = 0; i < 3; i++) {
    held_collect();
    destroyed += held_is_alive(object) != 0;
    HELD_CHECK(gc_malloc(100) != NULL);  // comes back as a thread of ours
  }
  local = NULL;
  (void)local;
}

static NOINLINE void set_keys(void) {
  for (unsigned i = 0; i < 3; i++)
    pthread_setspecific(keys[i], held_show(held_make()));
}

static void *run_with_keys(void *argument) {
  set_keys();
  held_collect();
  return argument;
}

static void values_live_until_destroyed(void) {
  for (unsigned i = 0; i < 3; i++)
    HELD_CHECK(pthread_key_create(&keys[i], destroy) == 0);
  for (unsigned i = 0; i < 20; i++) {
    HELD_CHECK(pthread_create(&thread, NULL, run_with_keys, NULL) == 0);
    pthread_join(thread, NULL);
  }
  held_report("values of keys live until their destructors took them",
              destroyed == 20 * 9);
}

static void *be_cancelled(void *argument) {
  has_come = 1;
  for (;;)
    pause();
  return argument;
}

static void cancelled_threads_go(void) {
  unsigned cancelled = 0;
  for (unsigned i = 0; i < 100; i++) {
    void *result;
    has_come = 0;
    HELD_CHECK(pthread_create(&thread, NULL, be_cancelled, NULL) == 0);
    while (!has_come)
      sched_yield();
    pthread_cancel(thread);
    if (i % 4 == 0)
      gc_collect();
    HELD_CHECK(pthread_join(thread, &result) == 0);
    cancelled += result == PTHREAD_CANCELED;
  }
  struct gc_stats stats;
  gc_collect();
  HELD_CHECK(gc_get_stats(&stats, sizeof stats) == 0);
  held_report("cancelled threads leave nothing behind",
              cancelled == 100 && stats.uncollectable_bytes < 4096
                && stats.threads == 1);
}

int main(void) {
  held_deadline(60);
  out();
  detached();
  argument_reaches_its_thread();
  argument_is_let_go_by_its_thread();
  values_live_until_destroyed();
  cancelled_threads_go();
  return held_result();
}
