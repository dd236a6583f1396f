// never_paged.c -- an address of the heap where no page ever was
//
// expect: no block of any size|not a block
// with: all
// bytes: 100

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  char *block = take();
  abuse(block + (900 << 10));
  return 0;
}
