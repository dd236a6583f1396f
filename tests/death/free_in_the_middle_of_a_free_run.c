// free_in_the_middle_of_a_free_run.c -- freed again between free neighbours
//
// expect: (double free|use after free|no block).*
// with: all
// bytes: 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *left = take(), *block = take(), *right = take();
  give_back(left);
  give_back(block);
  give_back(right);
  abuse(block);
  return 0;
}
