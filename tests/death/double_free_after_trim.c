// double_free_after_trim.c -- freed again when its memory went to the kernel
//
// expect: double free|use after free|not a block
// with: all
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = take();
  give_back(block);
  mm_trim(0);
  abuse(block);
  return 0;
}
