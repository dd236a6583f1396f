// stack_address.c -- the address of a variable on the stack
//
// expect: not a block.*stack
// with: all
// bytes: 0

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  char local[64];
  memset(local, 0, sizeof local);
  abuse(local);
  return 0;
}
