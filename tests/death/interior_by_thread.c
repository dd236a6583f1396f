// interior_by_thread.c -- an address inside a block of another thread
//
// expect: 64 bytes inside the [0-9]+-byte block at 0x
// with: all
// bytes: 100 1024 3000 65536 65537 3000000

#include "death.h"

int main(int argc, char **argv) {
  death_begin(argc, argv);
  char *block = take();
  in_thread(thread_abuse, block + 64);
  return 0;
}
