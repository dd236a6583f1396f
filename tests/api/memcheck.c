// memcheck.c -- one error a run that Memcheck is expected to see
//
//     memcheck nothing | uninitialised | overrun | underrun | use-after-free
//              | leak
//
// Run by tests/api/under-valgrind.

#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <stdio.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

// The compiler knows nothing of where it came from.
static char *hidden(char *block) {
  __asm__ volatile("" : "+r"(block) : : "memory");
  return block;
}

static NOINLINE void leak(void) {
  for (int i = 0; i < 10; i++)
    hidden(mm_malloc(100));
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "nothing";
  char *before = hidden(mm_malloc(40));
  char *block = hidden(mm_malloc(40));
  char *zeroed = hidden(mm_calloc(40, 1));
  volatile char sink = zeroed[39];
  if (!strcmp(what, "uninitialised") && block[7] == 1)
    puts("one");
  if (!strcmp(what, "overrun"))
    block[40] = 1;
  if (!strcmp(what, "underrun"))
    sink = block[-1];
  memset(block, 1, 40);
  block = hidden(mm_realloc(block, 4000));
  memset(block + 40, 1, 3960);
  sink = block[3999];
  gc_collect();
  mm_free(block);
  if (!strcmp(what, "use-after-free"))
    sink = hidden(block)[5];
  if (!strcmp(what, "leak"))
    leak();
  mm_free(before);
  mm_free(zeroed);
  (void)sink;
  return 0;
}
