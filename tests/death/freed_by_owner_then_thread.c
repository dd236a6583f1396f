// freed_by_owner_then_thread.c -- freed by its owner, then by a thread
//
// expect: (double free|use after free).*(freed.* already|no block)
// with: all
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  in_thread(thread_give_back, NULL);  // what starting one takes is taken
  void *block = take();
  give_back(block);
  in_thread(thread_abuse, block);
  return 0;
}
