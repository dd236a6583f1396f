// loading.c -- libraries come and go, and the loader's list is walked, while
// other threads collect
//
// The collector holds the loader's lock while the world is stopped; whoever
// holds it otherwise may allocate, and collect, himself.

#include <dlfcn.h>
#include <gleaner/gc.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "held.h"
#include "opened.h"

#ifndef SECONDS
#  define SECONDS 2
#endif

static atomic_int is_over;
static atomic_uint walks, loads;

static void *collect_always(void *argument) {
  while (!is_over)
    gc_collect();
  return argument;
}

static void *load_always(void *argument) {
  const char *name = argument;
  while (!is_over) {
    struct opened it = opened_open(name);
    hidden object = held_make_in(it.places->set_tls);
    held_scrub();
    gc_collect();
    HELD_CHECK(held_is_alive(object));
    it.places->set_tls(~(hidden)0);
    object = held_make_in(it.places->set_data);
    gc_collect();
    HELD_CHECK(held_is_alive(object));
    opened_close(&it);
    loads++;
  }
  return NULL;
}

static int allocate_in_walk(struct dl_phdr_info *info, size_t size,
                            void *context) {
  (void)size;
  void **list = context;
  size_t length = strlen(info->dlpi_name) + 1;
  void **cell = gc_malloc(sizeof *cell + length);
  HELD_CHECK(cell);
  memcpy(cell + 1, info->dlpi_name, length);
  *cell = *list;
  *list = cell;
  if (walks % 50 == 0)
    gc_collect();
  return 0;
}

static void *walk_always(void *argument) {
  while (!is_over) {
    void *list = NULL;
    dl_iterate_phdr(allocate_in_walk, &list);
    unsigned count = 0;
    for (void **cell = list; cell; cell = *cell)
      count++;
    HELD_CHECK(count > 3);
    walks++;
  }
  return argument;
}

static void *allocate_always(void *argument) {
  while (!is_over) {
    void **cell = gc_malloc(48);
    HELD_CHECK(cell[0] == NULL);
    cell[0] = cell;
  }
  return argument;
}

int main(void) {
  static char small[] = "roots_small", large[] = "roots_large";
  held_deadline(60);
  struct {
    void *(*run)(void *);
    void *argument;
  } parts[] = { { collect_always, NULL },  { load_always, small },
                { load_always, large },    { walk_always, NULL },
                { allocate_always, NULL } };
  enum { PARTS = sizeof parts / sizeof parts[0] };
  pthread_t threads[PARTS];
  for (unsigned i = 0; i < PARTS; i++)
    HELD_CHECK(
      pthread_create(&threads[i], NULL, parts[i].run, parts[i].argument) == 0);
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += SECONDS;
  // To a point in time: what is left of a span grows at each interruption.
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL))
    continue;
  is_over = 1;
  for (unsigned i = 0; i < PARTS; i++)
    pthread_join(threads[i], NULL);
  held_report("libraries are opened and closed during collections",
              loads > 0);
  held_report("the list of objects is walked, allocating, during collections",
              walks > 0);
  return held_result();
}
