// other_regime.c -- a block of the other regime
//
// expect: -byte block is of the (manual|automatic) regime.*(mm|gc)_free$
// with: all
// bytes: 1 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  void *block = take_of_other_regime();
  abuse(block);
  return 0;
}
