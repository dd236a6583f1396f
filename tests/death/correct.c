// correct.c -- the right twin of each wrong program: exit 0, not a word
//
// The same situations -- threads, orphans, moved and resized blocks, with
// collections in between -- each block given back once, by its own regime.

#include <errno.h>
#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t sizes[] = { 0, 1, 16, 100, 1024, 3000, 65536, 65537,
                                3000000 };
#define COUNT (sizeof sizes / sizeof sizes[0])

static void check(int is_true, const char *what) {
  if (!is_true) {
    fprintf(stderr, "wrong: %s\n", what);
    exit(1);
  }
}

static void *give_back(void *block) {
  mm_free(block);
  return NULL;
}
static void *give_back_automatic(void *block) {
  gc_free(block);
  return NULL;
}
static void *take(void *bytes) { return mm_malloc((size_t)bytes); }

static void *in_thread(void *(*work)(void *), void *argument) {
  pthread_t thread;
  void *result = NULL;
  check(pthread_create(&thread, NULL, work, argument) == 0, "pthread_create");
  check(pthread_join(thread, &result) == 0, "pthread_join");
  return result;
}

static void free_each_once(size_t bytes) {
  void *first = mm_malloc(bytes), *second = mm_malloc(bytes);
  mm_free(first);
  void *third = mm_malloc(bytes);
  mm_free(second);
  gc_collect();
  mm_free(third);
  void *automatic = gc_malloc(bytes);
  gc_collect();
  gc_free(automatic);
}

static void free_across_threads(size_t bytes) {
  in_thread(give_back, mm_malloc(bytes));
  mm_free(in_thread(take, (void *)bytes));
  in_thread(give_back, in_thread(take, (void *)bytes));
  in_thread(give_back_automatic, gc_malloc(bytes));
  void *block = mm_malloc(bytes);
  in_thread(give_back, block);
  mm_trim(0);
  mm_free(mm_malloc(bytes));
}

static void free_resized(size_t bytes) {
  void *block = mm_realloc(mm_malloc(bytes), 3 * bytes + 16);
  mm_free_sized(block, 3 * bytes + 16);
  block = mm_realloc(mm_malloc(bytes), bytes / 3 + 1);
  mm_free_sized(block, bytes / 3 + 1);
  check(mm_realloc(mm_malloc(bytes), 0) == NULL, "realloc to 0");
  block = gc_realloc(gc_malloc(bytes), 3 * bytes + 16);
  gc_free(block);
  check(gc_realloc(gc_malloc_uncollectable(bytes), 0) == NULL,
        "gc_realloc to 0");
}

static void free_sized(size_t bytes) {
  mm_free_sized(mm_malloc(bytes), bytes);
  mm_free_sized(mm_calloc(bytes, 1), bytes);
  for (size_t alignment = 16; alignment <= 1 << 20; alignment *= 4) {
    void *block = mm_aligned_alloc(alignment, bytes);
    check((uintptr_t)block % alignment == 0, "alignment");
    check(mm_usable_size(block) >= bytes, "usable size");
    mm_free_aligned_sized(block, alignment, bytes);
  }
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 3;
  mm_free(NULL);
  gc_free(NULL);
  mm_free_sized(NULL, 10);
  mm_free_aligned_sized(NULL, 16, 10);
  check(mm_usable_size(NULL) == 0 && gc_usable_size(NULL) == 0, "NULL");
  for (int round = 0; round < rounds; round++)
    for (size_t i = 0; i < COUNT; i++) {
      free_each_once(sizes[i]);
      free_across_threads(sizes[i]);
      free_resized(sizes[i]);
      free_sized(sizes[i]);
    }
  return 0;
}
