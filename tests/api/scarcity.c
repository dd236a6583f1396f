// scarcity.c -- a program that handles every refusal
//
//     scarcity           both regimes, threads, small and large, collections
//     scarcity count     the same, then prints how often the kernel was asked
//     scarcity hungry    takes all there is (ulimit -v), gives it back, and
//                        again: as much as the first time
//
// Run by tests/api/sweep-fail with fail=N for every N, and by
// tests/api/sweep-ulimit.  Any refusal must be NULL with ENOMEM; what was there
// before must be intact after.  Exit 0 if so.

#include <errno.h>
#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

static unsigned long refusals;

_Noreturn static void fail(const char *what) {
  fprintf(stderr, "scarcity: %s\n", what);
  exit(1);
}

static void *checked(void *block) {
  if (!block) {
    if (errno != ENOMEM)
      fail("NULL without ENOMEM");
    __atomic_add_fetch(&refusals, 1, __ATOMIC_RELAXED);
  }
  return block;
}

// ---- Blocks that know what they hold ----------------------------------------

struct item {
  struct item *next;
  size_t bytes;  // of the whole block
  unsigned char text[];
};

static unsigned char letter(const struct item *item) {
  return (unsigned char)(item->bytes * 7 + 1);
}

static struct item *item_fill(struct item *item, struct item *next,
                              size_t bytes) {
  item->next = next;
  item->bytes = bytes;
  memset(item->text, letter(item), bytes - sizeof *item);
  return item;
}

static void item_check(const struct item *item) {
  size_t count = item->bytes - sizeof *item;
  for (size_t i = 0; i < count; i += count / 16 + 1)
    if (item->text[i] != letter(item))
      fail("a block changed");
}

// ---- The work ---------------------------------------------------------------

static const size_t sizes[] = { 16 + 1, 48, 100, 500, 1500, 5000, 20000, 65536,
                                70000, 300000, 1000000 };
#define SIZES (sizeof sizes / sizeof sizes[0])

// A list of automatic blocks, as long as memory goes.
static void work_automatic(void) {
  struct item *list = NULL;
  for (size_t turn = 0; turn < 4; turn++)
    for (size_t i = 0; i < SIZES; i++) {
      size_t bytes = sizes[i];
      for (size_t n = 0; n < 1 + 4000 / bytes; n++) {
        struct item *item = checked(gc_malloc(bytes));
        if (item) {
          for (size_t at = 0; at < bytes; at++)
            if (((unsigned char *)item)[at] != 0)
              fail("gc_malloc is not zeroed");
          list = item_fill(item, list, bytes);
        }
        checked(gc_malloc_atomic(bytes));
      }
      if (list && i % 4 == 0) {
        struct item *larger = checked(gc_realloc(list, list->bytes * 2));
        if (larger)
          list = item_fill(larger, larger->next, larger->bytes * 2);
      }
    }
  gc_collect();
  for (struct item *item = list; item; item = item->next)
    item_check(item);
}

static void work_manual(void) {
  struct item *list = NULL;
  for (size_t turn = 0; turn < 4; turn++) {
    for (size_t i = 0; i < SIZES; i++) {
      size_t bytes = sizes[i];
      for (size_t n = 0; n < 1 + 4000 / bytes; n++) {
        void *block = i % 2 ? mm_malloc(bytes) : mm_aligned_alloc(256, bytes);
        if (checked(block))
          list = item_fill(block, list, bytes);
      }
      if (list) {
        struct item *larger = checked(mm_realloc(list, list->bytes + 5000));
        if (larger)
          list = item_fill(larger, larger->next, larger->bytes + 5000);
        item_check(list);
      }
    }
    while (list && turn % 2) {
      struct item *next = list->next;
      item_check(list);
      mm_free(list);
      list = next;
    }
    mm_trim(0);
  }
}

static void *work(void *unused) {
  (void)unused;
  work_automatic();
  work_manual();
  return NULL;
}

static void work_in_threads(void) {
  enum { THREADS = 3 };
  pthread_t threads[THREADS];
  int started = 0;
  for (int i = 0; i < THREADS; i++) {
    int error = pthread_create(&threads[started], NULL, work, NULL);
    if (error == 0)
      started++;
    else if (error != EAGAIN && error != ENOMEM)
      fail("pthread_create");
  }
  for (int i = 0; i < started; i++)
    pthread_join(threads[i], NULL);
}

// ---- Taking all there is ----------------------------------------------------

static size_t take_all(size_t bytes, bool is_manual) {
  struct item *list = NULL;
  size_t total = 0;
  for (;;) {
    struct item *item = is_manual ? mm_malloc(bytes) : gc_malloc(bytes);
    if (!item)
      break;
    list = item_fill(item, list, bytes);
    total += bytes;
  }
  if (errno != ENOMEM)
    fail("NULL without ENOMEM");
  while (list) {
    struct item *next = list->next;
    item_check(list);
    list->next = NULL;  // a stale word then keeps one block, not all
    if (is_manual)
      mm_free(list);
    list = next;
  }
  return total;
}

static void be_hungry(void) {
  static const size_t steps[] = { 64, 1000, 20000, 100000, 1000000 };
  for (int is_manual = 0; is_manual < 2; is_manual++)
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
      size_t first = take_all(steps[i], is_manual);
      size_t second = take_all(steps[i], is_manual);
      printf("%s blocks of %zu: %zu MiB, then %zu MiB\n",
             is_manual ? "manual" : "automatic", steps[i], first / MIB,
             second / MIB);
      if (first < 4 * MIB)
        fail("next to nothing could be had");
      if (second < first / 2)
        fail("what was given back cannot be had again");
    }
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "hungry")) {
    be_hungry();
    return 0;
  }
  work(NULL);
  work_in_threads();
  work(NULL);
  if (argc > 1) {
    struct gc_stats stats;
    gc_get_stats(&stats, sizeof stats);
    printf("%lu %lu\n", (unsigned long)stats.kernel_requests, refusals);
  }
  return 0;
}
