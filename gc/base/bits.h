// bits.h -- words of 64 bits, rounding, and division by a fixed divisor
//
// Division: D. Lemire, O. Kaser, N. Kurz, "Faster remainder by direct
// computation", Software: Practice and Experience 49(6), 2019.  With
// r = ceil(2^64 / d), the high half of n * r is n / d and the low half is below
// r exactly when d divides n, for n * d < 2^64.
//
// Pure arithmetic: any floor, any thread, any signal handler.

#ifndef GLEANER_BASE_BITS_H
#define GLEANER_BASE_BITS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint64_t bits_lowest(uint64_t word) {
  assert(word != 0);
#ifdef __x86_64__
  // The builtin is an int, and its sign extension an instruction too many.
  uint64_t lowest;
  __asm__("rep bsf %1, %0" : "=r"(lowest) : "rm"(word) : "cc");
  return lowest;
#else
  return (uint64_t)__builtin_ctzll(word);
#endif
}

// Clears bit `index` % 64 of *word; was it set?
static inline bool bits_test_and_clear(uint64_t *word, uint64_t index) {
#ifdef __x86_64__
  bool was_set;  // one instruction, where C makes a mask, a test and an AND
  __asm__("btr %2, %1" : "=@ccc"(was_set), "+r"(*word) : "r"(index));
  return was_set;
#else
  uint64_t bit = (uint64_t)1 << (index & 63);
  bool was_set = (*word & bit) != 0;
  *word &= ~bit;
  return was_set;
#endif
}

static inline unsigned bits_highest(uint64_t word) {
  assert(word != 0);
  return 63u - (unsigned)__builtin_clzll(word);
}

// Without the popcnt instruction the builtin is a call; this is twelve steps.
// Source: H. S. Warren, "Hacker's Delight", 2nd ed. (2012), section 5-1.
static inline unsigned bits_count(uint64_t word) {
  word -= word >> 1 & 0x5555555555555555u;
  word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
  word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return (unsigned)(word * 0x0101010101010101u >> 56);
}

static inline bool is_power_of_two(size_t n) {
  return n != 0 && (n & (n - 1)) == 0;
}

// `n` must leave room below SIZE_MAX for the rounding.
static inline size_t round_up(size_t n, size_t power_of_two) {
  return (n + power_of_two - 1) & ~(power_of_two - 1);
}

static inline size_t round_down(size_t n, size_t power_of_two) {
  return n & ~(power_of_two - 1);
}

// The power of two at or above `n`, 1 <= n <= 2^(bits-1).
static inline size_t power_of_two_at_least(size_t n) {
  return n <= 1 ? 1 : (size_t)1 << (bits_highest(n - 1) + 1);
}

struct quotient {
  uint64_t index;     // n / d
  uint64_t fraction;  // below the reciprocal exactly when d divides n
};

static inline uint64_t reciprocal_of(uint64_t divisor) {
  assert(divisor > 1);
  return UINT64_MAX / divisor + 1;
}

#ifdef __SIZEOF_INT128__
static inline struct quotient divide_by_reciprocal(uint64_t n, uint64_t r) {
  unsigned __int128 product = (unsigned __int128)n * r;
  return (struct quotient){ (uint64_t)(product >> 64), (uint64_t)product };
}
#else
// 32-bit processors: n < 2^32 here, so two half products do.
static inline struct quotient divide_by_reciprocal(uint64_t n, uint64_t r) {
  uint64_t low = (n & UINT32_MAX) * (r & UINT32_MAX);
  uint64_t high = (n & UINT32_MAX) * (r >> 32) + (low >> 32);
  return (struct quotient){ high >> 32, high << 32 | (low & UINT32_MAX) };
}
#endif

#endif
