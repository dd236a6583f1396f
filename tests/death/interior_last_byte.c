// interior_last_byte.c -- the last byte of a block
//
// expect: bytes inside the [0-9]+-byte block at 0x
// with: all
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  char *block = take();
  size_t usable =
    is_manual() ? mm_usable_size(block) : gc_usable_size(block);
  abuse(block + usable - 1);
  return 0;
}
