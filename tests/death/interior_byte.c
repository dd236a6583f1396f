// interior_byte.c -- an address one byte inside a block
//
// expect: 1 bytes? inside the [0-9]+-byte block at 0x
// with: all
// bytes: 2 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  char *block = take();
  abuse(block + 1);
  return 0;
}
