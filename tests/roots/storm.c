// storm.c -- threads that allocate are stopped between any two instructions
//
// One thread does nothing but collect.  The others build linked structures from
// blocks of every size and of both regimes, drop them, and look again and again
// whether each word is what they wrote: a block handed out twice, freed too
// early or not cleared shows as a wrong word.
//
// Argument: seconds (3).

#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "held.h"

#define THREADS 3
#define SLOTS 64
#define MAX_BYTES 3000
#define LARGE_BYTES 200000

static atomic_int is_over;

// A block knows its size, its successor, and what fills it.
struct node {
  struct node *next;
  size_t bytes;  // of all of it; the words behind are `bytes ^ index`
  uintptr_t words[];
};

static uint64_t random_next(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static size_t words_of(const struct node *node) {
  return (node->bytes - sizeof *node) / sizeof node->words[0];
}

static void node_fill(struct node *node, size_t bytes, struct node *next) {
  node->next = next;
  node->bytes = bytes;
  for (size_t i = 0; i < words_of(node); i++)
    node->words[i] = bytes ^ i;
}

static void node_check(const struct node *node) {
  HELD_CHECK(gc_base(node) == node);
  for (size_t i = 0; i < words_of(node); i++)
    HELD_CHECK(node->words[i] == (node->bytes ^ i));
}

static void check_zero(const void *block, size_t bytes) {
  const unsigned char *at = block;
  for (size_t i = 0; i < bytes; i++)
    HELD_CHECK(at[i] == 0);
}

static struct node *node_new(uint64_t *random, struct node *next) {
  uint64_t dice = random_next(random);
  size_t bytes = sizeof *next + dice % MAX_BYTES;
  if (dice % 512 == 0)
    bytes = LARGE_BYTES + dice % LARGE_BYTES;
  else if (dice % 3)
    bytes = sizeof *next + dice % 128;
  bytes &= ~(size_t)7;
  struct node *node = gc_malloc(bytes);
  HELD_CHECK(node);
  check_zero(node, bytes);
  node_fill(node, bytes, next);
  return node;
}

// Half of the lists hang on manual memory, which alone knows them.
struct holder {
  struct node *list;
  char *text;
};

static struct holder *holder_renew(struct holder *old, uint64_t *random) {
  struct holder *holder = mm_malloc(sizeof *holder);
  HELD_CHECK(holder);
  holder->list = old ? old->list : NULL;
  holder->text = gc_malloc_atomic(1 + random_next(random) % 300);
  mm_free(old);
  return holder;
}

static void check_list(const struct node *list) {
  for (; list; list = list->next)
    node_check(list);
}

static unsigned length(const struct node *list) {
  unsigned count = 0;
  for (; list; list = list->next)
    count++;
  return count;
}

static void *allocate_and_check(void *argument) {
  uint64_t random = (uintptr_t)argument * 0x9e3779b97f4a7c15u;
  struct node *lists[SLOTS] = { NULL };
  struct holder *holders[SLOTS] = { NULL };
  while (!is_over) {
    unsigned slot = random_next(&random) % SLOTS;
    lists[slot] = node_new(&random, lists[slot]);
    holders[slot] = holder_renew(holders[slot], &random);
    holders[slot]->list = node_new(&random, holders[slot]->list);
    unsigned other = random_next(&random) % SLOTS;
    if (length(lists[other]) > 20) {
      check_list(lists[other]);
      lists[other] = NULL;
    }
    if (holders[other] && length(holders[other]->list) > 20) {
      check_list(holders[other]->list);
      mm_free(holders[other]);
      holders[other] = NULL;
    }
  }
  for (unsigned i = 0; i < SLOTS; i++) {
    check_list(lists[i]);
    mm_free(holders[i]);
  }
  return argument;
}

// The shortest path, so that it is stopped most often.
static void *allocate_one_size(void *argument) {
  while (!is_over) {
    void **list = NULL;
    for (unsigned i = 0; i < 2000; i++) {
      void **cell = gc_malloc(16);
      HELD_CHECK(cell[0] == NULL && cell[1] == NULL);
      cell[0] = list;
      cell[1] = cell;
      list = cell;
    }
    unsigned count = 0;
    for (; list; list = list[0], count++)
      HELD_CHECK(list[1] == list);
    HELD_CHECK(count == 2000);
  }
  return argument;
}

static time_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

int main(int count, char **arguments) {
  time_t seconds = count > 1 ? atoi(arguments[1]) : 3;
  held_deadline((unsigned)seconds + 60);
  pthread_t threads[THREADS + 1];
  for (uintptr_t i = 0; i < THREADS; i++)
    HELD_CHECK(pthread_create(&threads[i], NULL, allocate_and_check,
                              (void *)(i + 1))
               == 0);
  HELD_CHECK(
    pthread_create(&threads[THREADS], NULL, allocate_one_size, NULL) == 0);
  struct gc_stats stats;
  for (time_t end = now() + seconds; now() < end;)
    gc_collect();
  is_over = 1;
  for (unsigned i = 0; i <= THREADS; i++)
    pthread_join(threads[i], NULL);
  HELD_CHECK(gc_get_stats(&stats, sizeof stats) == 0);
  held_report("allocation may be stopped between any two instructions",
              stats.collections > 0);
  return held_result();
}
