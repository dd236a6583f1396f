// dice.h -- random numbers for tests, from a seed that is printed
//
// TEST_SEED=n repeats the run that printed n.

#ifndef GLEANER_TESTS_UNIT_DICE_H
#define GLEANER_TESTS_UNIT_DICE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t dice_state;

static inline void dice_seed(void) {
  const char *text = getenv("TEST_SEED");
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  dice_state = text ? strtoull(text, NULL, 10) : (uint64_t)now.tv_nsec;
  printf("# TEST_SEED=%llu\n", (unsigned long long)dice_state);
}

// G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number
// Generators", OOPSLA 2014.
static inline uint64_t dice_next(void) {
  uint64_t z = dice_state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

// 0 to below - 1.
static inline unsigned dice(unsigned below) {
  return (unsigned)(dice_next() % below);
}

#endif
