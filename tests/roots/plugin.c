// plugin.c -- a C program opens a C++ library that throws
//
// The program knows no C++ library, so that the one the plugin brings keeps its
// names to itself; what this library puts in front of them must find it.

#include <dlfcn.h>
#include <gleaner/gc.h>
#include <limits.h>
#include <stdio.h>

#include "held.h"
#include "opened.h"

int main(void) {
  char path[PATH_MAX];
  held_deadline(20);
  if (!opened_path(path, sizeof path, "roots_thrower"))
    return HELD_SKIP;  // no C++ compiler
  HELD_CHECK(gc_malloc(10));
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  HELD_CHECK(library);
  int (*throw_and_catch)(int) =
    (int (*)(int))dlsym(library, "throw_and_catch");
  HELD_CHECK(throw_and_catch);
  int sum = 0;
  for (int i = 0; i < 100; i++) {
    sum += throw_and_catch(i);
    gc_collect();
  }
  held_report("exceptions of an opened C++ library are caught",
              sum == 100 * 100 + 4950);
  return held_result();
}
