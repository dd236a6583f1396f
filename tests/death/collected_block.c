// collected_block.c -- a block that the collector took back
//
// expect: (double free|use after free).*(freed.* already|no block)
// with: automatic
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

// Known under a number only, which is no pointer; the stack below is cleared.
static NOINLINE uintptr_t take_hidden(void) { return ~(uintptr_t)take(); }

static NOINLINE void clear_dead_stack(void) {
  char frames[8192];
  memset(frames, 0, sizeof frames);
  __asm__ volatile("" : : "r"(frames) : "memory");
}

int main(int argc, char **argv) {
  death_begin(argc, argv);
  // Others around it, so that a stale word that keeps one is no matter.
  static uintptr_t hidden[20];
  for (int i = 0; i < 20; i++)
    hidden[i] = take_hidden();
  sink = NULL;
  clear_dead_stack();
  gc_collect();
  for (int i = 0; i < 20; i++)
    if (!gc_base((void *)~hidden[i]))
      abuse((void *)~hidden[i]);
  return 0;
}
