// constant_address.c -- the address of a string literal
//
// expect: not a block.*(static data|code)
// with: all
// bytes: 0

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  static const char text[] = "text";
  abuse((void *)(uintptr_t)text);
  return 0;
}
