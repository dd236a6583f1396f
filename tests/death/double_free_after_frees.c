// double_free_after_frees.c -- a block freed again after many others were
//
// expect: (double free|use after free).*(freed.* already|no block)
// with: all
// bytes: 1 100 1024 3000 65536 65537

#include "death.h"

#define OTHERS 300

int main(int argc, char **argv) {
  death_begin(argc, argv);
  static void *others[OTHERS];
  for (int i = 0; i < OTHERS / 2; i++)
    others[i] = take();
  void *block = take();
  for (int i = OTHERS / 2; i < OTHERS; i++)
    others[i] = take();
  give_back(block);
  for (int i = 0; i < OTHERS; i++)
    give_back(others[i]);
  abuse(block);
  return 0;
}
