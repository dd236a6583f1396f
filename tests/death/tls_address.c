// tls_address.c -- the address of a thread-local variable
//
// expect: not a block
// with: all
// bytes: 0

#include "death.h"

static _Thread_local char variable[64];

int main(int argc, char **argv) {
  death_begin(argc, argv);
  abuse(variable);
  return 0;
}
