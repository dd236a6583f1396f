// wrong_size_larger.c -- a sized free with a size of a larger class
//
// expect: [0-9]+-byte block.*[0-9]+ bytes
// with: mm_free_sized mm_free_aligned_sized
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = take();
  claimed_bytes = 2 * block_bytes + 16;
  abuse(block);
  return 0;
}
