// freed_twice_after_its_thread.c -- a block whose thread has ended, freed twice
//
// expect: (double free|use after free).*(freed.* already|no block)
// with: all
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = in_thread(thread_take, NULL);
  give_back(block);
  abuse(block);
  return 0;
}
