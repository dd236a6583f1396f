// small_integer.c -- a number that is no address
//
// expect: not a block.*no memory
// with: all
// bytes: 0

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  abuse((void *)(uintptr_t)16);
  return 0;
}
