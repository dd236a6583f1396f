// never_allocated.c -- a block of a page that was never handed out
//
// expect: free
// with: all
// bytes: 100 1000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  char *block = take();
  size_t usable =
    is_manual() ? mm_usable_size(block) : gc_usable_size(block);
  abuse(block + 20 * usable);
  return 0;
}
