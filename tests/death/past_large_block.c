// past_large_block.c -- the unused end of a large block's last 64 KiB
//
// expect: behind the last block
// with: all
// bytes: 65537 200000 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  char *block = take();
  size_t usable =
    is_manual() ? mm_usable_size(block) : gc_usable_size(block);
  if (usable % 65536 == 0)
    return 3;
  abuse(block + usable);
  return 0;
}
