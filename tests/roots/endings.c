// endings.c -- ways to end: a process while its threads run and a collection is
// on, the main thread before the others, a frame by longjmp, an attachment
//
// Each ending happens in a child, whose exit status tells.

#include <errno.h>
#include <gleaner/gc.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "held.h"

#define CHILD_SECONDS 15
#define STATUS 42

static void *collect_forever(void *argument) {
  for (;;)
    gc_collect();
  return argument;
}

static void *allocate_forever(void *argument) {
  void **list = NULL;
  for (unsigned i = 0;; i++) {
    void **cell = gc_malloc(16 + i % 500);
    HELD_CHECK(cell && !cell[0]);
    cell[0] = i % 100 ? list : NULL;
    list = cell;
  }
  return argument;
}

static void start(void *(*run)(void *)) {
  pthread_t thread;
  HELD_CHECK(pthread_create(&thread, NULL, run, NULL) == 0);
}

static void start_a_storm(void) {
  start(allocate_forever);
  start(allocate_forever);
  start(collect_forever);
  usleep(3000);
}

// ---- Endings: each is a child's main() --------------------------------------

static void end_by_exit(void) {
  start_a_storm();
  exit(STATUS);
}

static void allocate_at_exit(void) {
  for (unsigned i = 0; i < 1000; i++)
    HELD_CHECK(gc_malloc(100));
  gc_collect();
}

static void end_by_exit_that_allocates(void) {
  HELD_CHECK(atexit(allocate_at_exit) == 0);
  start_a_storm();
  exit(STATUS);
}

static void end_by_quick_exit(void) {
  start_a_storm();
  _exit(STATUS);
}

static void *exit_from_thread(void *argument) {
  usleep(3000);
  exit(STATUS);
  return argument;
}

static void end_by_exit_of_another(void) {
  start_a_storm();
  start(exit_from_thread);
  allocate_forever(NULL);
}

static void *outlive_main(void *argument) {
  usleep(5000);  // the first thread is a zombie by now
  for (unsigned round = 0; round < 20; round++) {
    void **list = NULL;
    for (unsigned i = 0; i < 2000; i++) {
      void **cell = gc_malloc(32);
      HELD_CHECK(cell && !cell[0]);
      cell[0] = list;
      list = cell;
    }
    gc_collect();
    unsigned count = 0;
    for (; list; list = *list)
      count++;
    HELD_CHECK(count == 2000);
  }
  exit(STATUS);
  return argument;
}

static void end_main_first(void) {
  start(outlive_main);
  start(allocate_forever);
  gc_collect();
  pthread_exit(NULL);
}

// ---- The rest ends nothing but itself ---------------------------------------

static jmp_buf way_back;
static volatile unsigned deepest = 2000;

static NOINLINE void go_deep_and_jump(unsigned depth, void **above) {
  void **cell = gc_malloc(64);
  HELD_CHECK(cell);
  cell[0] = above;
  cell[1] = cell;
  if (depth == deepest)
    longjmp(way_back, 1);
  if (depth % 100 == 0)
    gc_collect();
  if (depth <= deepest)
    go_deep_and_jump(depth + 1, cell);
  HELD_CHECK(cell[1] == cell);
}

static void end_frames_by_longjmp(void) {
  for (volatile unsigned i = 0; i < 50; i++)
    if (setjmp(way_back) == 0)
      go_deep_and_jump(0, NULL);
  held_scrub();
  gc_collect();
  struct gc_stats stats;
  HELD_CHECK(gc_get_stats(&stats, sizeof stats) == 0);
  HELD_CHECK(stats.live_bytes < 64 * 2000);  // nothing of 50 times that
  exit(STATUS);
}

static void end_attachments(void) {
  start_a_storm();
  for (unsigned i = 0; i < 200; i++) {
    HELD_CHECK(gc_thread_detach() == 0);
    HELD_CHECK(gc_thread_detach() == 0);
    if (i % 3 == 0)
      usleep(500);
    HELD_CHECK(gc_thread_attach() == 0);
    HELD_CHECK(gc_thread_attach() == 0);
    void *volatile block = gc_malloc(1000);
    gc_collect();
    HELD_CHECK(gc_base(block) == block);
  }
  exit(STATUS);
}

// A detached thread that goes on is found like any stranger.
static atomic_int is_held;
static hidden object_of_detached;

static void *hold_detached(void *argument) {
  void *volatile local = held_show(object_of_detached);
  gc_thread_detach();
  is_held = 1;
  while (is_held == 1)
    usleep(100);
  local = NULL;
  (void)local;
  return argument;
}

static void hold_in_detached_thread(void) {
  object_of_detached = held_make();
  start(hold_detached);
  while (!is_held)
    sched_yield();
  held_collect();
  HELD_CHECK(held_is_alive(object_of_detached));
  is_held = 2;
  exit(STATUS);
}

static void claim(const char *words, void (*run)(void), unsigned times) {
  unsigned good = 0;
  for (unsigned i = 0; i < times; i++) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
      alarm(CHILD_SECONDS);
      run();
      _exit(1);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
      HELD_CHECK(errno == EINTR);
    good += WIFEXITED(status) && WEXITSTATUS(status) == STATUS;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != STATUS)
      printf("       status %#x\n", (unsigned)status);
  }
  held_report(words, good == times);
}

int main(void) {
  held_deadline(120);
  claim("exit while threads allocate and collect", end_by_exit, 10);
  claim("exit whose handlers allocate", end_by_exit_that_allocates, 10);
  claim("_exit while threads allocate and collect", end_by_quick_exit, 10);
  claim("exit by another thread", end_by_exit_of_another, 10);
  claim("the main thread ends first", end_main_first, 5);
  claim("longjmp out of deep stacks", end_frames_by_longjmp, 1);
  claim("threads detach and attach", end_attachments, 1);
  claim("a detached thread keeps what it holds", hold_in_detached_thread, 3);
  return held_result();
}
