// storage.c -- the only pointer lies in static, thread-local or heap memory
//
// Each place is tried in the main thread; thread-local ones also in others.
// More than 32 keys of pthread_setspecific are made before the library starts,
// so that its own is not among the first.

#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "held.h"

#define KEYS 96
#define THREADS 3

static pthread_key_t keys[KEYS];
static pthread_key_t key;  // the one in use

// ---- Places that one word of memory makes -----------------------------------

static void *volatile *word;

static void hold_in_word(hidden object) { *word = held_show(object); }
static void drop_from_word(void) { *word = NULL; }

static void hold_interior(hidden object) {
  *word = (char *)held_show(object) + HELD_BYTES - 1;
}

static void hold_past_end(hidden object) {
  *word = (char *)held_show(object) + HELD_BYTES;
}

static void *volatile in_data[3] = { (void *)1, (void *)1, (void *)1 };
static void *volatile in_bss[3];
static _Thread_local void *volatile in_tls_data = (void *)1;
static _Thread_local void *volatile in_tls_bss;
static struct {
  char text[65536];
  void *volatile word;
} in_large_bss;

static void claim_word(const char *claim, void *volatile *place) {
  word = place;
  held_claim(claim, hold_in_word, drop_from_word);
}

static void claim_word_not(const char *claim, void *volatile *place) {
  word = place;
  held_claim_not(claim, hold_in_word, drop_from_word);
}

static void static_storage(void) {
  claim_word("initialised data keeps its target alive", &in_data[1]);
  claim_word("bss keeps its target alive", &in_bss[1]);
  claim_word("large bss keeps its target alive", &in_large_bss.word);
  word = &in_bss[2];
  held_claim("an interior pointer in bss keeps the block", hold_interior,
             drop_from_word);
  held_claim_not("one past the end in bss keeps nothing", hold_past_end,
                 drop_from_word);
  claim_word("initialised thread-local data of main", &in_tls_data);
  claim_word("zero thread-local data of main", &in_tls_bss);
}

// ---- The heap ---------------------------------------------------------------

static void heap_storage(void) {
  static void **block;
  block = gc_malloc(64);
  claim_word("a reachable block keeps its target alive", block + 3);
  block = gc_malloc((size_t)5 << 20);
  claim_word("a large block keeps its target alive", block + 600000);
  block = gc_malloc_atomic(64);
  claim_word_not("a pointer-free block keeps nothing", block);
  block = mm_malloc(64);
  memset(block, 0, 64);
  hidden manual = held_hide(block);
  block = NULL;
  claim_word("manual memory nobody points to keeps its target",
             (void **)held_show(manual) + 2);
  mm_free(held_show(manual));
  block = mm_calloc(1, (size_t)3 << 20);
  claim_word("large manual memory keeps its target", block + 300000);
  mm_free(block);
  block = mm_malloc_atomic(64);
  claim_word_not("pointer-free manual memory keeps nothing", block);
  mm_free(block);
  block = gc_malloc_uncollectable(64);
  manual = held_hide(block);
  block = NULL;
  claim_word("an uncollectable block nobody points to keeps its target",
             (void **)held_show(manual) + 7);
  HELD_CHECK(held_show(manual) == gc_base(held_show(manual)));
  gc_free(held_show(manual));
}

// A chain through both regimes: main -> manual -> automatic -> manual -> it.
static void hold_through_chain(hidden object) {
  void **last = mm_malloc(32), **middle = gc_malloc(32),
       **first = mm_malloc(32);
  *last = held_show(object);
  *middle = last;
  *first = middle;
  in_bss[0] = first;
}

static void drop_chain(void) {
  void **first = in_bss[0], **middle = *first, **last = *middle;
  mm_free(last);
  mm_free(first);
  in_bss[0] = NULL;
}

// ---- Ranges -----------------------------------------------------------------

static void user_ranges(void) {
  size_t bytes = 1 << 16;
  void **map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  HELD_CHECK(map != MAP_FAILED);
  char *low = (char *)map;
  claim_word_not("a mapping nobody told of keeps nothing", map + 5);
  HELD_CHECK(gc_add_roots(low, low + bytes) == 0);
  claim_word("a range of gc_add_roots keeps its target", map + 5);
  claim_word("its last word does too", map + bytes / 8 - 1);
  HELD_CHECK(gc_remove_roots(low + 4096, low + 8192) == 0);
  claim_word_not("what gc_remove_roots took out keeps nothing", map + 600);
  claim_word("what lies before it still does", map + 511);
  claim_word("what lies behind it still does", map + 1024);
  HELD_CHECK(gc_exclude_roots(low, low + 4096) == 0);
  claim_word_not("gc_exclude_roots covers a registered range", map + 511);
  HELD_CHECK(gc_include_roots(low, low + 4096) == 0);
  claim_word("gc_include_roots undoes it", map + 511);
  HELD_CHECK(gc_include_roots(low, low + 4096) < 0);
  HELD_CHECK(gc_remove_roots(low, low + bytes) == 0);
  claim_word_not("a removed range keeps nothing", map + 5);
  HELD_CHECK(gc_exclude_roots((void *)in_bss, (void *)(in_bss + 1)) == 0);
  claim_word_not("gc_exclude_roots covers static data", &in_bss[0]);
  claim_word("and only what it says", &in_bss[1]);
  HELD_CHECK(gc_include_roots((void *)in_bss, (void *)(in_bss + 1)) == 0);
  claim_word("static data is included again", &in_bss[0]);
  HELD_CHECK(gc_add_stack(low, bytes) == 0);
  claim_word("a registered stack nobody runs on keeps its target", map + 77);
  HELD_CHECK(gc_add_stack(low, bytes) < 0);
  HELD_CHECK(gc_remove_stack(low) == 0);
  claim_word_not("a stack taken back keeps nothing", map + 77);
  HELD_CHECK(gc_remove_stack(low) < 0);
  munmap(map, bytes);
}

// ---- Thread-local, in other threads -----------------------------------------
//
// The thread that shall act is `actor`; it takes `wanted` and runs it.

static struct {
  pthread_t thread;
  atomic_int has_work;
} actors[THREADS];
static unsigned actor;
static struct {
  held_action hold;
  hidden object;
} wanted;

static void in_tls_hold(hidden object) { in_tls_bss = held_show(object); }
static void in_tls_data_hold(hidden object) { in_tls_data = held_show(object); }
static void key_hold(hidden object) {
  HELD_CHECK(pthread_setspecific(key, object ? held_show(object) : NULL) == 0);
}

static NOINLINE void act(void) {
  if (wanted.object) {
    wanted.hold(wanted.object);
  } else {
    in_tls_bss = in_tls_data = NULL;
    key_hold(0);
  }
}

static void *run_actor(void *argument) {
  unsigned self = (unsigned)(uintptr_t)argument;
  for (;;) {
    while (!actors[self].has_work)
      usleep(50);
    if (!wanted.hold)
      return NULL;
    act();
    held_scrub();
    actors[self].has_work = 0;
  }
}

static void make_act(hidden object) {
  wanted.object = object;
  actors[actor].has_work = 1;
  while (actors[actor].has_work)
    usleep(20);
}

static void hold_by_actor(hidden object) {
  actor = (actor + 1) % THREADS;
  make_act(object);
}
static void drop_by_actor(void) { make_act(0); }

static void claim_act(const char *claim, held_action hold) {
  wanted.hold = hold;
  held_claim(claim, hold_by_actor, drop_by_actor);
}

static void drop_own_key(void) { key_hold(0); }

static void keys_of_main(void) {
  static const unsigned tried[] = { 0, 13, 31, 40, 63, 64, KEYS - 1 };
  for (unsigned i = 0; i < sizeof tried / sizeof tried[0]; i++) {
    key = keys[tried[i]];
    char claim[64];
    snprintf(claim, sizeof claim, "pthread_setspecific of main, key %u",
             (unsigned)key);
    held_claim(claim, key_hold, drop_own_key);
  }
}

static void other_threads(void) {
  for (uintptr_t i = 0; i < THREADS; i++)
    HELD_CHECK(pthread_create(&actors[i].thread, NULL, run_actor, (void *)i)
               == 0);
  claim_act("zero thread-local data of other threads", in_tls_hold);
  claim_act("initialised thread-local data of other threads",
            in_tls_data_hold);
  key = keys[0];
  claim_act("a low key in other threads", key_hold);
  key = keys[KEYS - 1];
  claim_act("a high key in other threads", key_hold);
  wanted.hold = NULL;
  for (unsigned i = 0; i < THREADS; i++) {
    actors[i].has_work = 1;
    pthread_join(actors[i].thread, NULL);
  }
}

int main(void) {
  held_deadline(60);
  for (unsigned i = 0; i < KEYS; i++)
    HELD_CHECK(pthread_key_create(&keys[i], NULL) == 0);
  static_storage();
  heap_storage();
  held_claim("a chain through both regimes keeps its end", hold_through_chain,
             drop_chain);
  user_ranges();
  keys_of_main();
  other_threads();
  return held_result();
}
