// uncollectable_as_manual.c -- gc_malloc_uncollectable's block as manual
//
// expect: [0-9]+-byte block is of the automatic regime and belongs to gc_free
// with: manual
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = gc_malloc_uncollectable(block_bytes);
  abuse(block);
  return 0;
}
