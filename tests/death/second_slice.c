// second_slice.c -- a large block's second 64 KiB
//
// expect: 65536 bytes inside the 200704-byte block at 0x
// with: all
// bytes: 200000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  char *block = take();
  abuse(block + 65536);
  return 0;
}
