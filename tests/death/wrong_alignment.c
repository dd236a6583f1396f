// wrong_alignment.c -- a sized free of a block with the alignment of another
//
// expect: [0-9]+-byte block.*100 bytes
// with: mm_free_aligned_sized
// bytes: 100

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = mm_aligned_alloc(4096, block_bytes);
  abuse(block);
  return 0;
}
