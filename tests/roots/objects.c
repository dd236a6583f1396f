// objects.c -- the only pointer lies in a library: linked at start, or opened
// later with dlopen; in its data, bss, thread-local data, or on the stack of a
// thread it started itself
//
// Arguments: none.  The libraries opened lie in $OBJECT_DIR (a build's .libs),
// or beside the program.

#include <dlfcn.h>
#include <gleaner/gc.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "held.h"
#define OBJECT_LINKED
#include "object_places.h"
#include "opened.h"

static const struct object_places *places;

static void drop_data(void) { places->set_data(~(hidden)0); }
static void drop_bss(void) { places->set_bss(~(hidden)0); }
static void drop_tls(void) { places->set_tls(~(hidden)0); }

// ---- Thread-local data, in a thread that lives on ---------------------------

static atomic_int has_work;
static struct {
  void (*function)(hidden);
  hidden object;
} wanted;
static pthread_t actor;

static void *run_actor(void *argument) {
  for (;;) {
    while (!has_work)
      usleep(50);
    if (!wanted.function)
      return argument;
    wanted.function(wanted.object);
    held_scrub();
    has_work = 0;
  }
}

static void start_actor(void) {
  HELD_CHECK(pthread_create(&actor, NULL, run_actor, NULL) == 0);
}

static void make_act(void (*function)(hidden), hidden object) {
  wanted.function = function;
  wanted.object = object;
  has_work = 1;
  while (has_work && function)
    usleep(20);
}

static void end_actor(void) {
  make_act(NULL, 0);
  pthread_join(actor, NULL);
  has_work = 0;
}

static void hold_in_actor(hidden object) { make_act(places->set_tls, object); }
static void drop_in_actor(void) { make_act(places->set_tls, ~(hidden)0); }

// ---- Claims -----------------------------------------------------------------

static void claim(const char *where, const char *what, held_action hold,
                  held_release drop) {
  char words[128];
  snprintf(words, sizeof words, "%s of %s keeps its target alive", what, where);
  held_claim(words, hold, drop);
}

static void claim_all(const char *where, const struct object_places *its) {
  places = its;
  claim(where, "data", its->set_data, drop_data);
  claim(where, "bss", its->set_bss, drop_bss);
  claim(where, "thread-local data in main", its->set_tls, drop_tls);
  claim(where, "thread-local data in another thread", hold_in_actor,
        drop_in_actor);
  claim(where, "a thread", its->start_thread, its->end_thread);
}

static void opened_after_the_threads(void) {
  struct opened small = opened_open("roots_small");
  claim_all("a library opened later", small.places);
  opened_close(&small);
}

static void opened_before_the_threads(void) {
  struct opened large = opened_open("roots_large");
  end_actor();
  start_actor();
  claim_all("a library opened before the thread", large.places);
  opened_close(&large);
}

// A closed library's place in the table of thread-local blocks goes to the next
// one, whose block is larger; a thread that has used neither since still has
// the small one there.
static void block_of_a_closed_library_is_not_overread(void) {
  for (unsigned i = 0; i < 4; i++) {
    struct opened small = opened_open("roots_small");
    places = small.places;
    hold_in_actor(held_make());
    drop_in_actor();
    opened_close(&small);
    struct opened large = opened_open("roots_large");
    large.places->set_tls(~(hidden)0);
    held_collect();
    opened_close(&large);
    held_collect();
  }
  held_report("the block of a closed library is not read past its end", 1);
}

static void closing_takes_the_places_away(void) {
  hidden objects[20];
  for (unsigned i = 0; i < 20; i++) {
    struct opened small = opened_open("roots_small");
    objects[i] = held_make();
    small.places->set_data(objects[i]);
    small.places->set_bss(objects[i]);
    held_collect();
    HELD_CHECK(held_is_alive(objects[i]));
    opened_close(&small);
    held_collect();
  }
  unsigned stayed = 0;
  for (unsigned i = 0; i < 20; i++)
    stayed += held_is_alive(objects[i]) != 0;
  held_report("dlclose lets go what its data held", stayed <= 2);
}

int main(void) {
  held_deadline(60);
  start_actor();
  claim_all("a library linked at start", &linked_places);
  opened_after_the_threads();
  opened_before_the_threads();
  block_of_a_closed_library_is_not_overread();
  closing_takes_the_places_away();
  end_actor();
  return held_result();
}
