// other_allocator.c -- a block of malloc
//
// expect: not a block.*another allocator
// with: all
// bytes: 100 3000 200000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = malloc(block_bytes);
  if (!take())
    return 3;
  abuse(block);
  return 0;
}
