// atomic.h -- thin names over the MIT core of libatomic_ops
//
// An atomic word is as wide as a pointer.  Loads acquire, stores release,
// read-modify-writes are full barriers; what needs less says so in its name.
// libatomic_ops has no fetch-and-or and no exchange: both are loops here.
//
// Source: H.-J. Boehm, "An Almost Non-Blocking Stack", PODC 2004, for the
// package; its AO_stack and AO_malloc (GPL) are not used.

#ifndef GLEANER_BASE_ATOMIC_H
#define GLEANER_BASE_ATOMIC_H

#include <atomic_ops.h>
#include <stdbool.h>
#include <stdint.h>

typedef AO_t atomic_word;

static inline AO_t atomic_load(const volatile atomic_word *word) {
  return AO_load_acquire(word);
}

static inline AO_t atomic_load_relaxed(const volatile atomic_word *word) {
  return AO_load(word);
}

static inline void atomic_store(volatile atomic_word *word, AO_t value) {
  AO_store_release(word, value);
}

static inline bool atomic_swap_if(volatile atomic_word *word, AO_t old,
                                  AO_t value) {
  return AO_compare_and_swap_full(word, old, value);
}

// What is stored before is seen before what is loaded after.
static inline void atomic_fence(void) { AO_nop_full(); }

// All of these return the value before.

static inline AO_t atomic_add(volatile atomic_word *word, AO_t value) {
  return AO_fetch_and_add_full(word, value);
}

static inline AO_t atomic_subtract(volatile atomic_word *word, AO_t value) {
  return AO_fetch_and_add_full(word, (AO_t)0 - value);
}

static inline AO_t atomic_exchange(volatile atomic_word *word, AO_t value) {
  AO_t old;
  do
    old = AO_load(word);
  while (!AO_compare_and_swap_full(word, old, value));
  return old;
}

static inline AO_t atomic_or(volatile atomic_word *word, AO_t bits) {
  AO_t old;
  do
    old = AO_load(word);
  while (!AO_compare_and_swap_full(word, old, old | bits));
  return old;
}

#endif
