// static_address.c -- the address of a static variable
//
// expect: not a block.*static data
// with: all
// bytes: 0

#include "death.h"

static char variable[64];

int main(int argc, char **argv) {
  death_begin(argc, argv);
  abuse(variable);
  return 0;
}
