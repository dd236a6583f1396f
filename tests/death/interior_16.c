// interior_16.c -- an address inside a block, aligned as a block's is
//
// expect: 16 bytes inside the [0-9]+-byte block at 0x
// with: all
// bytes: 17 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  char *block = take();
  abuse(block + 16);
  return 0;
}
