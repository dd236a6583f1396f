// tiny_class.c -- class by (bytes + 15) / 16, for requests up to 1 KiB
//
// sizeclass_of() as a table, since the inlined path has no time for it; the two
// are compared in tests/unit/test_sizeclass.c.

#include "heap/cache.h"

const uint8_t tiny_class[TINY_MAX_BYTES / 16 + 1] = {
  0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 9,
  10, 10, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14,
  14, 14, 14, 15, 15, 15, 15, 16, 16, 16, 16, 16, 16,
  16, 16, 17, 17, 17, 17, 17, 17, 17, 17, 18, 18, 18,
  18, 18, 18, 18, 18, 19, 19, 19, 19, 19, 19, 19, 19,
};
