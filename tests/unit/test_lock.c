// test_lock.c -- base/lock: locks, gates and waits under contention

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/lock.h"

#define THREADS 6
#define TURNS 40000

static void run_threads(void *(*body)(void *)) {
  pthread_t threads[THREADS];
  for (size_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, body, (void *)i), 0);
  for (size_t i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
}

// ---- Locks ------------------------------------------------------------------

static struct lock lock = LOCK_INIT(LOCK_HEAP);
static unsigned long counter;  // guarded by the lock, and by nothing else
static unsigned long other_counter;

static void *count_under_lock(void *unused) {
  (void)unused;
  for (unsigned i = 0; i < TURNS; i++) {
    lock_take(&lock);
    counter++;
    if (i % 64 == 0)
      usleep(1);  // others queue up, and sleep
    other_counter = counter;
    lock_release(&lock);
  }
  return NULL;
}

static void a_lock_lets_one_in_at_a_time(void **state) {
  (void)state;
  counter = 0;
  run_threads(count_under_lock);
  assert_int_equal(counter, THREADS * TURNS);
  assert_int_equal(other_counter, counter);
  assert_int_equal(lock.word, 0);
}

static void locks_nest_in_rank_order(void **state) {
  (void)state;
  struct lock locks[LOCK_RANKS];
  for (unsigned rank = 0; rank < LOCK_RANKS; rank++) {
    locks[rank] = (struct lock){ 0, rank };
    lock_take(&locks[rank]);
  }
  for (unsigned rank = LOCK_RANKS; rank-- > 0;) {
    lock_release(&locks[rank]);
    assert_int_equal(locks[rank].word, 0);
  }
}

static void taking_and_releasing_keep_errno(void **state) {
  (void)state;
  errno = 77;
  lock_take(&lock);
  lock_release(&lock);
  assert_int_equal(errno, 77);
}

static void a_lock_that_was_reset_is_free(void **state) {
  (void)state;
  struct lock orphaned = { 2, LOCK_HEAP };  // its holder is not in this process
  lock_reset(&orphaned);
  lock_take(&orphaned);
  lock_release(&orphaned);
  assert_int_equal(orphaned.word, 0);
}

// ---- Gates ------------------------------------------------------------------

static struct gate gate;
static int inside;      // atomic
static int is_closed;   // atomic
static int trespasses;  // atomic

static int load(int *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }

static void add(int *word, int n) {
  __atomic_fetch_add(word, n, __ATOMIC_SEQ_CST);
}

static void go_through(unsigned turn) {
  gate_enter(&gate);
  add(&inside, 1);
  if (load(&is_closed))
    add(&trespasses, 1);
  if (turn % 64 == 0)
    usleep(1);
  add(&inside, -1);
  gate_leave(&gate);
}

static void close_for_a_moment(void) {
  gate_close(&gate);
  if (load(&inside) || load(&is_closed))
    add(&trespasses, 1);
  add(&is_closed, 1);
  usleep(1);
  add(&is_closed, -1);
  gate_open(&gate);
}

// The first two close, the others go through.
static void *use_gate(void *number) {
  for (unsigned i = 0; i < TURNS / 4; i++)
    if ((size_t)number >= 2)
      go_through(i);
    else if (i % 32 == 0)
      close_for_a_moment();
  return NULL;
}

static void nobody_is_inside_a_closed_gate(void **state) {
  (void)state;
  run_threads(use_gate);
  assert_int_equal(trespasses, 0);
  assert_int_equal(inside, 0);
  assert_int_equal(gate.word, 0);
}

static void many_are_inside_an_open_gate(void **state) {
  (void)state;
  for (unsigned i = 0; i < 100; i++)
    gate_enter(&gate);
  for (unsigned i = 0; i < 100; i++)
    gate_leave(&gate);
  gate_close(&gate);
  gate_open(&gate);
  assert_int_equal(gate.word, 0);
}

// ---- Waits ------------------------------------------------------------------

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void a_wait_for_another_value_returns_at_once(void **state) {
  (void)state;
  volatile uint32_t word = 5;
  errno = 77;
  futex_wait(&word, 4, 0);
  assert_int_equal(errno, 77);
}

static void a_wait_ends_after_its_timeout(void **state) {
  (void)state;
  volatile uint32_t word = 5;
  uint64_t start = now_ns();
  errno = 77;
  futex_wait(&word, 5, 3000000);
  assert_int_equal(errno, 77);
  assert_true(now_ns() - start >= 2900000);
}

static volatile uint32_t word_to_change;

static void *wait_for_change(void *unused) {
  (void)unused;
  while (__atomic_load_n(&word_to_change, __ATOMIC_ACQUIRE) == 0)
    futex_wait(&word_to_change, 0, 0);
  return NULL;
}

static void a_wake_reaches_all_who_wait(void **state) {
  (void)state;
  pthread_t threads[THREADS];
  word_to_change = 0;
  for (size_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, wait_for_change, NULL),
                     0);
  usleep(5000);
  __atomic_store_n(&word_to_change, 1, __ATOMIC_RELEASE);
  futex_wake_all(&word_to_change);
  for (size_t i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_lock_lets_one_in_at_a_time),
    cmocka_unit_test(locks_nest_in_rank_order),
    cmocka_unit_test(taking_and_releasing_keep_errno),
    cmocka_unit_test(a_lock_that_was_reset_is_free),
    cmocka_unit_test(nobody_is_inside_a_closed_gate),
    cmocka_unit_test(many_are_inside_an_open_gate),
    cmocka_unit_test(a_wait_for_another_value_returns_at_once),
    cmocka_unit_test(a_wait_ends_after_its_timeout),
    cmocka_unit_test(a_wake_reaches_all_who_wait),
  };
  return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
