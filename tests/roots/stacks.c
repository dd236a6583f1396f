// stacks.c -- the only pointer lies in a frame: of the main thread while
// another collects, or of another thread that is blocked, asleep or busy
//
// Holders are functions with one volatile local; each way to wait is one.

#include <gleaner/gc.h>
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "held.h"

#define ROUNDS 20

static atomic_int is_held, shall_drop;

// ---- Ways to wait -----------------------------------------------------------

static int pipe_ends[2];
static sem_t semaphore;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static void wait_spinning(void) {
  while (!shall_drop)
    continue;
}

static void wait_in_system_calls(void) {
  while (!shall_drop)
    syscall(SYS_getppid);
}

static void wait_in_read(void) {
  char byte;
  HELD_CHECK(read(pipe_ends[0], &byte, 1) == 1);  // and not EINTR
}

static void wait_asleep(void) {
  struct timespec hour = { 0, 3600 * 1000 };
  while (!shall_drop)
    nanosleep(&hour, NULL);
}

static void wait_in_futex(void) {
  while (!shall_drop)
    syscall(SYS_futex, &shall_drop, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static void wait_for_semaphore(void) {
  while (sem_wait(&semaphore))
    HELD_CHECK(errno == EINTR);
}

static void wait_for_condition(void) {
  pthread_mutex_lock(&mutex);
  while (!shall_drop)
    pthread_cond_wait(&condition, &mutex);
  pthread_mutex_unlock(&mutex);
}

static void wait_in_poll(void) {
  struct pollfd end = { .fd = pipe_ends[0], .events = POLLIN };
  while (poll(&end, 1, -1) < 0)
    HELD_CHECK(errno == EINTR);
  wait_in_read();
}

static void wait_in_epoll(void) {
  int set = epoll_create1(0);
  struct epoll_event event = { .events = EPOLLIN };
  HELD_CHECK(epoll_ctl(set, EPOLL_CTL_ADD, pipe_ends[0], &event) == 0);
  while (epoll_wait(set, &event, 1, -1) < 0)
    HELD_CHECK(errno == EINTR);
  close(set);
  wait_in_read();
}

static void wait_for_mutex(void) {
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
}

static void stop_waiting(void) {
  char byte = 0;
  shall_drop = 1;
  HELD_CHECK(write(pipe_ends[1], &byte, 1) == 1);
  sem_post(&semaphore);
  syscall(SYS_futex, &shall_drop, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
  pthread_mutex_lock(&mutex);
  pthread_cond_broadcast(&condition);
  pthread_mutex_unlock(&mutex);
}

static void forget_wakes(void) {
  char byte;
  is_held = shall_drop = 0;
  while (sem_trywait(&semaphore) == 0)
    continue;
  struct pollfd end = { .fd = pipe_ends[0], .events = POLLIN };
  while (poll(&end, 1, 0) > 0)
    HELD_CHECK(read(pipe_ends[0], &byte, 1) == 1);
}

// ---- Holders ----------------------------------------------------------------

static void (*way_to_wait)(void);
static ptrdiff_t offset;  // of the pointer in the object

static NOINLINE void hold_in_frame(hidden object) {
  char *volatile local = (char *)held_show(object) + offset;
  is_held = 1;
  way_to_wait();
  local = NULL;
  (void)local;
}

// Deep below: pages of stack between the pointer and the stack pointer.
static NOINLINE void go_deep(unsigned depth) {
  volatile char frame[4096];
  frame[1] = (char)depth;
  if (depth > 0)
    go_deep(depth - 1);
  else
    way_to_wait();
  frame[0] = frame[1];
}

static NOINLINE void hold_far_up(hidden object) {
  void *volatile local = held_show(object);
  is_held = 1;
  go_deep(200);
  local = NULL;
  (void)local;
}

static NOINLINE void hold_in_alloca(hidden object) {
  void *volatile *room = __builtin_alloca(1 << 17);
  room[5] = held_show(object);
  is_held = 1;
  way_to_wait();
  room[5] = NULL;
}

// ---- Other threads ----------------------------------------------------------

static void (*holder)(hidden);
static pthread_t thread;

static void *run_holder(void *argument) {
  holder((hidden)argument);
  return NULL;
}

static void hold(hidden object) {
  forget_wakes();
  if (way_to_wait == wait_for_mutex)
    pthread_mutex_lock(&mutex);
  HELD_CHECK(pthread_create(&thread, NULL, run_holder, (void *)object) == 0);
  while (!is_held)
    sched_yield();
  usleep(200);  // most often it waits by now
}

static void drop(void) {
  if (way_to_wait == wait_for_mutex)
    pthread_mutex_unlock(&mutex);
  stop_waiting();
  pthread_join(thread, NULL);
}

static void claim(const char *words, void (*function)(hidden),
                  void (*wait)(void)) {
  holder = function;
  way_to_wait = wait;
  held_claim_in(ROUNDS, words, hold, drop);
}

// ---- The main thread, seen from another -------------------------------------

static atomic_int main_alive, main_stayed;
static hidden main_objects[ROUNDS];

static void *collect_for_main(void *argument) {
  for (unsigned i = 0; i < ROUNDS; i++) {
    while (!is_held)
      sched_yield();
    usleep(200);
    held_collect();
    main_alive += held_is_alive(main_objects[i]) != 0;
    is_held = 0;
    stop_waiting();
  }
  return argument;
}

static void main_waits_while_another_collects(const char *words,
                                              void (*wait)(void)) {
  pthread_t collector;
  main_alive = main_stayed = 0;
  way_to_wait = wait;
  forget_wakes();
  HELD_CHECK(pthread_create(&collector, NULL, collect_for_main, NULL) == 0);
  for (unsigned i = 0; i < ROUNDS; i++) {
    main_objects[i] = held_make();
    held_scrub();
    hold_in_frame(main_objects[i]);
    while (is_held || !shall_drop)
      sched_yield();
    usleep(200);  // its wakes have all come
    forget_wakes();
  }
  pthread_join(collector, NULL);
  held_collect();
  for (unsigned i = 0; i < ROUNDS; i++)
    main_stayed += held_is_alive(main_objects[i]) != 0;
  held_report(words, main_alive == ROUNDS && main_stayed * 10 <= ROUNDS);
}

// ---- Blocks that point to one another ---------------------------------------

struct ring {
  struct ring *next, *previous;
  char rest[200];
};

static NOINLINE void make_rings(hidden *rings, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    struct ring *a = gc_malloc(sizeof *a), *b = gc_malloc(sizeof *b),
                *c = gc_malloc(sizeof *c);
    *a = (struct ring){ .next = b, .previous = c };
    *b = (struct ring){ .next = c, .previous = a };
    *c = (struct ring){ .next = a, .previous = b };
    rings[i] = held_hide(a);
  }
}

static NOINLINE unsigned count_rings(const hidden *rings, unsigned count) {
  unsigned alive = 0;
  for (unsigned i = 0; i < count; i++)
    alive += gc_base(held_show(rings[i])) != NULL;
  return alive;
}

static void cycles_are_let_go(void) {
  static hidden rings[100];
  make_rings(rings, 100);
  held_collect();
  held_report("cycles that nothing points to are let go",
              count_rings(rings, 100) <= 10);
}

static void hold_nowhere(hidden object) { (void)object; }
static void drop_nothing(void) {}

int main(void) {
  held_deadline(60);
  HELD_CHECK(pipe(pipe_ends) == 0 && sem_init(&semaphore, 0, 0) == 0);
  held_claim_not("an object held nowhere is let go", hold_nowhere,
                 drop_nothing);
  cycles_are_let_go();
  claim("stack of a spinning thread", hold_in_frame, wait_spinning);
  claim("stack of a thread busy with system calls", hold_in_frame,
        wait_in_system_calls);
  claim("stack of a thread blocked in read", hold_in_frame, wait_in_read);
  claim("stack of a sleeping thread", hold_in_frame, wait_asleep);
  claim("stack of a thread in a futex", hold_in_frame, wait_in_futex);
  claim("stack of a thread at a semaphore", hold_in_frame, wait_for_semaphore);
  claim("stack of a thread at a condition", hold_in_frame, wait_for_condition);
  claim("stack of a thread at a mutex", hold_in_frame, wait_for_mutex);
  claim("stack of a thread in poll", hold_in_frame, wait_in_poll);
  claim("stack of a thread in epoll_wait", hold_in_frame, wait_in_epoll);
  claim("far up a deep stack", hold_far_up, wait_in_read);
  claim("in alloca", hold_in_alloca, wait_in_read);
  offset = 77;
  claim("an interior pointer on a stack", hold_in_frame, wait_in_read);
  offset = HELD_BYTES;
  claim("a pointer one past the end on a stack", hold_in_frame, wait_in_read);
  offset = 0;
  main_waits_while_another_collects("stack of the main thread in read",
                                    wait_in_read);
  main_waits_while_another_collects("stack of the main thread, spinning",
                                    wait_spinning);
  main_waits_while_another_collects("stack of the main thread in a futex",
                                    wait_in_futex);
  return held_result();
}
