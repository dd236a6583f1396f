// freed_by_two_threads.c -- a block freed by two threads that did not take it
//
// expect: (double free|use after free).*(freed.* already|no block)
// with: all
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = take();
  in_thread(thread_give_back, block);
  in_thread(thread_abuse, block);
  return 0;
}
