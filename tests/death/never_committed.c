// never_committed.c -- an address of the heap's range far beyond its end
//
// expect: not a block
// with: all
// bytes: 100

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  char *block = take();
  abuse(block + ((uintptr_t)1 << 36));
  return 0;
}
