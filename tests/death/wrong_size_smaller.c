// wrong_size_smaller.c -- a sized free with a size of a smaller class
//
// expect: [0-9]+-byte block.*[0-9]+ bytes
// with: mm_free_sized mm_free_aligned_sized
// bytes: 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = take();
  claimed_bytes = block_bytes / 2;
  abuse(block);
  return 0;
}
