// old_address_after_realloc.c -- the old address of a block that realloc moved
//
// expect: (double free|use after free).*(freed.* already|no block)
// with: all
// bytes: 1 100 1024 3000 65536

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = take(), *moved;
  if (is_manual())
    moved = mm_realloc(block, 3 * block_bytes + 16);
  else
    moved = gc_realloc(block, 3 * block_bytes + 16);
  sink = moved;
  if (moved == block)
    return 3;
  abuse(block);
  return 0;
}
