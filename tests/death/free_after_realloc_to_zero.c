// free_after_realloc_to_zero.c -- a block that realloc to 0 bytes freed
//
// expect: (double free|use after free).*(freed.* already|no block)
// with: all
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = take();
  sink = is_manual() ? mm_realloc(block, 0) : gc_realloc(block, 0);
  abuse(block);
  return 0;
}
