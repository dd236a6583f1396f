// code_address.c -- the address of a function
//
// expect: not a block.*code
// with: all
// bytes: 0

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  abuse((void *)(uintptr_t)abuse);
  return 0;
}
