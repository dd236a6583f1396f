// signals.c -- threads that block signals, wait for them, or are in a handler
//
// Each takes part in collections as if the library used no signal at all.

#include <errno.h>
#include <gleaner/gc.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "held.h"

#define ROUNDS 10

static atomic_int is_held, shall_drop;
static pthread_t thread;
static sigset_t every;

// ---- Waiting for a signal, all of them in the set ---------------------------

static void wait_by_sigwait(void) {
  int signal;
  HELD_CHECK(sigwait(&every, &signal) == 0 && signal == SIGUSR1);
}

static void wait_by_sigwaitinfo(void) {
  siginfo_t info;
  int signal;
  do
    signal = sigwaitinfo(&every, &info);
  while (signal < 0 && errno == EINTR);
  HELD_CHECK(signal == SIGUSR1);
}

static void wait_by_sigtimedwait(void) {
  siginfo_t info;
  struct timespec limit = { 20, 0 };
  int signal;
  do
    signal = sigtimedwait(&every, &info, &limit);
  while (signal < 0 && errno == EINTR);
  HELD_CHECK(signal == SIGUSR1);
}

static void wait_by_signalfd(void) {
  struct signalfd_siginfo info;
  int descriptor = signalfd(-1, &every, 0);
  HELD_CHECK(read(descriptor, &info, sizeof info) == sizeof info);
  HELD_CHECK(info.ssi_signo == SIGUSR1);
  close(descriptor);
}

static sigset_t all_but_usr1(void) {
  sigset_t set = every;
  sigdelset(&set, SIGUSR1);
  return set;
}

static _Thread_local volatile sig_atomic_t has_signal;

static void note_signal(int signal) {
  (void)signal;
  has_signal = 1;
}

static void wait_by_sigsuspend(void) {
  sigset_t set = all_but_usr1();
  while (!has_signal)
    sigsuspend(&set);
}

static void wait_by_pselect(void) {
  sigset_t set = all_but_usr1();
  while (!has_signal)
    pselect(0, NULL, NULL, NULL, NULL, &set);
}

static void wait_by_ppoll(void) {
  sigset_t set = all_but_usr1();
  while (!has_signal)
    ppoll(NULL, 0, NULL, &set);
}

static void wait_by_epoll_pwait(void) {
  sigset_t set = all_but_usr1();
  struct epoll_event event;
  int descriptor = epoll_create1(0);
  while (!has_signal)
    epoll_pwait(descriptor, &event, 1, -1, &set);
  close(descriptor);
}

static void wait_with_all_blocked(void) {
  while (!shall_drop)
    sched_yield();
}

static void (*way_to_wait)(void);

static void *hold_and_wait(void *argument) {
  void *volatile local = held_show((hidden)argument);
  HELD_CHECK(pthread_sigmask(SIG_BLOCK, &every, NULL) == 0);
  has_signal = 0;
  is_held = 1;
  way_to_wait();
  local = NULL;
  (void)local;
  return NULL;
}

static void hold(hidden object) {
  is_held = shall_drop = 0;
  HELD_CHECK(
    pthread_create(&thread, NULL, hold_and_wait, (void *)object) == 0);
  while (!is_held)
    sched_yield();
  usleep(300);
}

static void drop(void) {
  shall_drop = 1;
  pthread_kill(thread, SIGUSR1);
  pthread_join(thread, NULL);
}

static void claim(const char *words, void (*wait)(void)) {
  way_to_wait = wait;
  held_claim_in(ROUNDS, words, hold, drop);
}

static void waiting_threads(void) {
  struct sigaction action = { .sa_handler = note_signal };
  HELD_CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
  claim("a thread that blocks all signals", wait_with_all_blocked);
  claim("a thread in sigwait for all signals", wait_by_sigwait);
  claim("a thread in sigwaitinfo for all signals", wait_by_sigwaitinfo);
  claim("a thread in sigtimedwait for all signals", wait_by_sigtimedwait);
  claim("a thread that reads a signalfd of all signals", wait_by_signalfd);
  claim("a thread in sigsuspend", wait_by_sigsuspend);
  claim("a thread in pselect with a mask", wait_by_pselect);
  claim("a thread in ppoll with a mask", wait_by_ppoll);
  claim("a thread in epoll_pwait with a mask", wait_by_epoll_pwait);
}

// ---- In a handler, on a stack for signals -----------------------------------

static hidden in_handler;
static int blocks_in_read;
static int pipe_ends[2];

static NOINLINE void hold_in_handler(int signal) {
  (void)signal;
  void *volatile local = held_show(in_handler);
  char byte;
  is_held = 1;
  if (blocks_in_read)
    HELD_CHECK(read(pipe_ends[0], &byte, 1) == 1);
  else
    while (!shall_drop)
      continue;
  local = NULL;
  (void)local;
}

// The interrupted frame holds a second pointer, on the thread's own stack.
static hidden in_frame;

static NOINLINE void raise_while_holding(void) {
  void *volatile local = held_show(in_frame);
  raise(SIGUSR2);
  local = NULL;
  (void)local;
}

static void *run_with_signal_stack(void *argument) {
  size_t bytes = 65536;
  stack_t stack = { .ss_size = bytes };
  stack.ss_sp = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  HELD_CHECK(stack.ss_sp != MAP_FAILED && sigaltstack(&stack, NULL) == 0);
  raise_while_holding();
  stack.ss_flags = SS_DISABLE;
  sigaltstack(&stack, NULL);
  munmap(stack.ss_sp, bytes);
  return argument;
}

static void start_handler(void) {
  is_held = shall_drop = 0;
  HELD_CHECK(
    pthread_create(&thread, NULL, run_with_signal_stack, NULL) == 0);
  while (!is_held)
    sched_yield();
}

static void hold_on_signal_stack(hidden object) {
  in_handler = object;
  in_frame = held_hide(NULL);
  start_handler();
}

static void hold_below_signal_stack(hidden object) {
  in_handler = held_hide(NULL);
  in_frame = object;
  start_handler();
}

static void end_handler(void) {
  shall_drop = 1;
  HELD_CHECK(!blocks_in_read || write(pipe_ends[1], "", 1) == 1);
  pthread_join(thread, NULL);
}

static void signal_stacks(void) {
  struct sigaction action = { .sa_handler = hold_in_handler,
                              .sa_flags = SA_ONSTACK };
  action.sa_mask = every;  // a handler that is not to be interrupted
  HELD_CHECK(sigaction(SIGUSR2, &action, NULL) == 0);
  HELD_CHECK(pipe(pipe_ends) == 0);
  held_claim_in(ROUNDS, "a handler that runs on a signal stack",
                hold_on_signal_stack, end_handler);
  held_claim_in(ROUNDS, "the frame it interrupted", hold_below_signal_stack,
                end_handler);
  blocks_in_read = 1;
  held_claim_in(ROUNDS, "a handler blocked in read on a signal stack",
                hold_on_signal_stack, end_handler);
}

// ---- What a collection must not disturb -------------------------------------

static atomic_int undisturbed;

static void *read_once(void *argument) {
  char byte;
  errno = 0;
  undisturbed += read(pipe_ends[0], &byte, 1) == 1 && errno == 0;
  return argument;
}

static void blocking_read_is_restarted(void) {
  pthread_t readers[4];
  undisturbed = 0;
  for (unsigned i = 0; i < 4; i++)
    HELD_CHECK(pthread_create(&readers[i], NULL, read_once, NULL) == 0);
  for (unsigned i = 0; i < 200; i++)
    gc_collect();
  HELD_CHECK(write(pipe_ends[1], "1234", 4) == 4);
  for (unsigned i = 0; i < 4; i++)
    pthread_join(readers[i], NULL);
  held_report("a blocking read is not disturbed by collections",
              undisturbed == 4);
}

static void *watch_errno(void *argument) {
  unsigned changes = 0;
  is_held = 1;
  for (int value = 1; !shall_drop; value = value % 100 + 1) {
    errno = value;
    for (volatile unsigned i = 0; i < 200; i++)
      continue;
    changes += errno != value;
  }
  *(unsigned *)argument = changes;
  return NULL;
}

static void errno_survives(void) {
  unsigned changes = 1;
  is_held = shall_drop = 0;
  HELD_CHECK(pthread_create(&thread, NULL, watch_errno, &changes) == 0);
  while (!is_held)
    sched_yield();
  for (unsigned i = 0; i < 500; i++)
    gc_collect();
  shall_drop = 1;
  pthread_join(thread, NULL);
  held_report("errno of a running thread survives collections", changes == 0);
}

static void sleep_lasts(void) {
  struct timespec left = { 0, 1000 };
  errno = 0;
  int result = nanosleep(&left, NULL);
  gc_collect();
  held_report("errno of the collecting thread survives", result == 0
                                                           && errno == 0);
}

// ---- A storm of signals over threads that allocate --------------------------

static volatile sig_atomic_t signals_taken;

static void count_signal(int signal) {
  (void)signal;
  signals_taken = signals_taken + 1;
}

static void *allocate_in_storm(void *argument) {
  void **list = NULL;
  for (unsigned i = 0; i < 300000; i++) {
    void **cell = gc_malloc(16 + i % 7 * 16);
    HELD_CHECK(cell && cell[0] == NULL && cell[1] == NULL);
    cell[0] = i % 1000 ? list : NULL;
    cell[1] = cell;
    list = cell;
  }
  for (; list; list = list[0])
    HELD_CHECK(list[1] == list);
  return argument;
}

static void allocation_survives_a_storm(void) {
  struct sigaction action = { .sa_handler = count_signal,
                              .sa_flags = SA_RESTART };
  HELD_CHECK(sigaction(SIGPROF, &action, NULL) == 0);
  struct itimerval fast = { { 0, 200 }, { 0, 200 } }, none = { { 0, 0 },
                                                               { 0, 0 } };
  pthread_t threads[3];
  setitimer(ITIMER_PROF, &fast, NULL);
  for (unsigned i = 0; i < 3; i++)
    HELD_CHECK(
      pthread_create(&threads[i], NULL, allocate_in_storm, NULL) == 0);
  for (unsigned i = 0; i < 100; i++) {
    gc_collect();
    usleep(500);
  }
  for (unsigned i = 0; i < 3; i++)
    pthread_join(threads[i], NULL);
  setitimer(ITIMER_PROF, &none, NULL);
  held_report("allocation goes on in a storm of signals", signals_taken > 0);
}

static void the_signal_is_refused_to_others(void) {
  struct sigaction action = { .sa_handler = count_signal };
  unsigned refused = 0;
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++)
    if (sigaction(signal, &action, NULL) != 0)
      refused++;
  gc_collect();
  held_report("a program that takes every signal does not get ours",
              refused == 1);
}

int main(void) {
  held_deadline(60);
  // Before the library has started: masks and handlers of everything.
  sigfillset(&every);
  sigset_t old;
  HELD_CHECK(sigprocmask(SIG_BLOCK, &every, &old) == 0);
  waiting_threads();
  HELD_CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
  signal_stacks();
  blocking_read_is_restarted();
  errno_survives();
  sleep_lasts();
  allocation_survives_a_storm();
  the_signal_is_refused_to_others();
  return held_result();
}
