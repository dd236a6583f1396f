// sizeclass.h -- round a request to one of a few block sizes
//
// A page holds blocks of one size, so every free block fits every request of
// its class.  Sizes step by 16 bytes up to 128, then by a quarter of the
// enclosing power of two: 160 192 224 256 | 320 384 448 512 | ... 65536.
//
// Source: linear-log spacing as in jemalloc; P. Khuong, "Linear-log bucketing"
// (2015).  The number of slices in a page is ours: doc/design/heap.md.
//
// Pure arithmetic: no state, no locks, any thread, any signal handler.

#ifndef GLEANER_HEAP_SIZECLASS_H
#define GLEANER_HEAP_SIZECLASS_H

#include <assert.h>
#include <stddef.h>

#include "base/bits.h"
#include "base/settings.h"

#define SIZECLASS_COUNT 44u
#define SIZECLASS_LARGE SIZECLASS_COUNT  // a block with a page of its own

// Class for a request of `bytes`, 1 <= bytes <= SMALL_MAX_BYTES.
static inline unsigned sizeclass_of(size_t bytes) {
  assert(bytes >= 1 && bytes <= SMALL_MAX_BYTES);
  if (bytes <= 128)
    return (unsigned)((bytes - 1) / 16);
  unsigned octave = bits_highest(bytes - 1);                       // 7 for 129..256
  unsigned quarter = (unsigned)((bytes - 1) >> (octave - 2)) - 4;  // 0..3
  return 8 + 4 * (octave - 7) + quarter;
}

// Block size in bytes of `class`, a multiple of 16.
static inline size_t sizeclass_bytes(unsigned class) {
  assert(class < SIZECLASS_COUNT);
  if (class < 8)
    return 16 * ((size_t)class + 1);
  unsigned octave = 7 + (class - 8) / 4, quarter = (class - 8) % 4;
  return (size_t)(5 + quarter) << (octave - 2);
}

// Slices in a page of `class`: enough for 16 blocks of the largest size, so
// that the way to a new page is rare, and few enough that a program with one
// block of each size stays small.  Untouched slices cost nothing.
static inline size_t sizeclass_slices(unsigned class) {
  size_t bytes = sizeclass_bytes(class);
  if (bytes <= 1 * KIB)
    return 1;
  if (bytes <= 4 * KIB)
    return 2;
  return bytes <= 16 * KIB ? 8 : 16;
}

static_assert(SMALL_MAX_BYTES == (size_t)8 << 13,
              "class 43 is 64 KiB: (5 + 3) << 13");

#endif
