// double_free_after_collection.c -- a block freed again after collections
//
// expect: (double free|use after free).*(freed.* already|no block)
// with: all
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = take();
  give_back(block);
  for (int i = 0; i < 3; i++)
    gc_collect();
  abuse(block);
  return 0;
}
