// freed_by_thread_then_owner.c -- freed by a thread, then by its owner
//
// expect: (double free|use after free).*(freed.* already|no block)
// with: all
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = take();
  in_thread(thread_give_back, block);
  abuse(block);
  return 0;
}
