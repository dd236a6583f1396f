// double_free.c -- a block freed, and at once again
//
// expect: (double free|use after free).*(freed.* already|no block)
// with: all
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = take();
  give_back(block);
  abuse(block);
  return 0;
}
