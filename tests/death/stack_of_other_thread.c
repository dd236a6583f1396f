// stack_of_other_thread.c -- an address on another's stack
//
// expect: not a block.*(stack|another allocator)
// with: all
// bytes: 0

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  char local[64];
  memset(local, 0, sizeof local);
  in_thread(thread_abuse, local);
  return 0;
}
