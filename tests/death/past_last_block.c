// past_last_block.c -- the unused end of a page, behind its last block
//
// expect: behind the last block
// with: all
// bytes: 48 112 448 3000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  uintptr_t block = (uintptr_t)take();
  size_t usable = is_manual() ? mm_usable_size((void *)block)
                              : gc_usable_size((void *)block);
  uintptr_t page = block & ~(uintptr_t)65535;
  size_t page_bytes = usable > 1024 ? 131072 : 65536;
  abuse((void *)(page + page_bytes / usable * usable));
  return 0;
}
