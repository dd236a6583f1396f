// library_code_address.c -- the address of a function of libc
//
// expect: not a block.*code
// with: all
// bytes: 0

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  abuse((void *)(uintptr_t)getpid);
  return 0;
}
