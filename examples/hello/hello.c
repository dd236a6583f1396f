/* hello.c -- allocate ten gigabytes, keep next to nothing, free nothing.
 *
 *     cc hello.c $(pkg-config --cflags --libs gleaner)
 */

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

#include <gleaner/gc.h>

struct node {
  struct node *next;
  char text[1008];
};

int main(void) {
  struct node *list = NULL;
  for (uint64_t i = 0; i < 10u << 20; i++) {
    struct node *node = gc_malloc(sizeof *node);
    if (node == NULL)
      return 1;
    node->next = i % 1000 ? list : NULL; /* forget the last thousand */
    list = node;
  }

  struct gc_stats stats;
  struct rusage usage;
  gc_get_stats(&stats, sizeof stats);
  getrusage(RUSAGE_SELF, &usage);
  printf("hello: %" PRIu64 " MB allocated, %" PRIu64 " collections, "
         "%ld MB of memory at most\n",
         stats.allocated_bytes >> 20, stats.collections,
         usage.ru_maxrss >> 10);
  return 0;
}
