// lock.c -- futex locks; see lock.h

#include "base/lock.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/attributes.h"

#define SPINS 100  // turns before the first sleep; about a microsecond

static uint32_t swap(uint32_t *word, uint32_t value) {
  return __atomic_exchange_n(word, value, __ATOMIC_ACQ_REL);
}

static bool take_free(uint32_t *word) {
  uint32_t expected = 0;
  return __atomic_compare_exchange_n(word, &expected, 1, false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

#ifndef NDEBUG
// Ranks held by this thread, to assert the order.
static _Thread_local unsigned held;

static void check_order(const struct lock *lock) {
  assert(held >> lock->rank == 0 && "locks are taken in rank order");
  held |= 1u << lock->rank;
}
static void check_release(const struct lock *lock) {
  assert(held >> lock->rank & 1);
  held &= ~(1u << lock->rank);
}
static void check_reset(const struct lock *lock) {
  held &= ~(1u << lock->rank);
}
#else
static void check_order(const struct lock *lock) { (void)lock; }
static void check_release(const struct lock *lock) { (void)lock; }
static void check_reset(const struct lock *lock) { (void)lock; }
#endif

void futex_wait(volatile uint32_t *word, uint32_t expected,
                uint64_t timeout_ns) {
  int saved = errno;
  struct timespec limit = { (time_t)(timeout_ns / 1000000000u),
                            (long)(timeout_ns % 1000000000u) };
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected,
          timeout_ns ? &limit : NULL, NULL, 0);
  errno = saved;
}

void futex_wake_all(volatile uint32_t *word) {
  int saved = errno;
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
  errno = saved;
}

static void futex_wake_one(uint32_t *word) {
  int saved = errno;
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
  errno = saved;
}

static COLD void take_slowly(struct lock *lock) {
  for (int i = 0; i < SPINS; i++) {
    if (__atomic_load_n(&lock->word, __ATOMIC_RELAXED) == 0
        && take_free(&lock->word))
      return;
    COMPILER_BARRIER();
  }
  while (swap(&lock->word, 2) != 0)
    futex_wait(&lock->word, 2, 0);
}

void lock_take(struct lock *lock) {
  check_order(lock);
  if (UNLIKELY(!take_free(&lock->word)))
    take_slowly(lock);
}

void lock_release(struct lock *lock) {
  check_release(lock);
  if (UNLIKELY(swap(&lock->word, 0) == 2))
    futex_wake_one(&lock->word);
}

void lock_reset(struct lock *lock) {
  check_reset(lock);
  __atomic_store_n(&lock->word, 0, __ATOMIC_RELEASE);
}

// ---- Gates ------------------------------------------------------------------

#define GATE_CLOSED ((uint32_t)1 << 31)

void gate_enter(struct gate *gate) {
  for (;;) {
    uint32_t word = __atomic_load_n(&gate->word, __ATOMIC_RELAXED);
    if (word & GATE_CLOSED)
      futex_wait(&gate->word, word, 0);
    else if (__atomic_compare_exchange_n(&gate->word, &word, word + 1, false,
                                         __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
      return;
  }
}

void gate_leave(struct gate *gate) {
  uint32_t word = __atomic_sub_fetch(&gate->word, 1, __ATOMIC_RELEASE);
  if (word == GATE_CLOSED)
    futex_wake_all(&gate->word);
}

void gate_close(struct gate *gate) {
  for (;;) {
    uint32_t word = __atomic_load_n(&gate->word, __ATOMIC_RELAXED);
    if (word & GATE_CLOSED)
      futex_wait(&gate->word, word, 0);  // another fork
    else if (__atomic_compare_exchange_n(&gate->word, &word,
                                         word | GATE_CLOSED, false,
                                         __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
      break;
  }
  uint32_t word;
  while ((word = __atomic_load_n(&gate->word, __ATOMIC_ACQUIRE))
         != GATE_CLOSED)
    futex_wait(&gate->word, word, 0);
}

void gate_open(struct gate *gate) {
  __atomic_store_n(&gate->word, 0, __ATOMIC_RELEASE);
  futex_wake_all(&gate->word);
}
