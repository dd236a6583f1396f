// tiny_slot.c -- the slot for requests up to 1 KiB, by (bytes + 15) / 16
//
// sizeclass_of() as a table, since the inlined path has no time for it; the two
// are compared in tests/unit/test_sizeclass.c.

#include "heap/cache.h"

#define S(class) (class) * sizeof(struct slot)

const uint16_t tiny_slot_offset[TINY_MAX_BYTES / 16 + 1] = {
  S(0), S(0), S(1), S(2), S(3), S(4), S(5), S(6), S(7),
  S(8), S(8), S(9), S(9), S(10), S(10), S(11), S(11), S(12),
  S(12), S(12), S(12), S(13), S(13), S(13), S(13), S(14), S(14),
  S(14), S(14), S(15), S(15), S(15), S(15), S(16), S(16), S(16),
  S(16), S(16), S(16), S(16), S(16), S(17), S(17), S(17), S(17),
  S(17), S(17), S(17), S(17), S(18), S(18), S(18), S(18), S(18),
  S(18), S(18), S(18), S(19), S(19), S(19), S(19), S(19), S(19),
  S(19), S(19),
};
