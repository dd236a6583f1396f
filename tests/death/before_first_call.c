// before_first_call.c -- an address before anything was allocated
//
// expect: not a block
// with: all
// bytes: 0

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  abuse(&argc);  // the library's first call
  return 0;
}
