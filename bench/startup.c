// startup.c -- a program that uses the library once
//
//     PROGRAM startup
//
// One block, one write, exit.  The driver times fork, exec and exit of this
// under each regime beside the same program on glibc's malloc, which links no
// further library: the difference is what the library costs a short program.

#include "regime.h"
#include "workload.h"

static void *volatile kept;

int run_startup(int argc, char **argv) {
  (void)argc, (void)argv;
  kept = must(mem_alloc(64));
  *(volatile char *)kept = 1;
  return 0;
}
