// double_free_after_mallocs.c -- freed again after other mallocs
//
// expect: (double free|use after free).*(freed.* already|no block)
// with: all
// bytes: 1 100 1024 3000 65536 65537

#include "death.h"

#define OTHERS 300

int main(int argc, char **argv) {
  death_begin(argc, argv);
  static void *others[OTHERS];
  void *block = take();
  give_back(block);
  void *again = NULL;  // the same one, when it is handed out once more
  for (int i = 0; i < OTHERS; i++) {
    others[i] = take();
    if (others[i] == block)
      again = block;
  }
  if (again)
    give_back(again);
  abuse(block);
  return 0;
}
