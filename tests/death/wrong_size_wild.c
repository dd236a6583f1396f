// wrong_size_wild.c -- a sized free with a size no block has
//
// expect: [0-9]+-byte block.*18446744073709551615 bytes
// with: mm_free_sized mm_free_aligned_sized
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = take();
  claimed_bytes = SIZE_MAX;
  abuse(block);
  return 0;
}
