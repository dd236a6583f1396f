// test_space.c -- heap/space: slices handed out and given back at random
//
// The model is a list of the pages there are.  Each page's memory carries a
// pattern of its own, so that two pages in one place, a purge of a page in use
// and a "zero" page that is none all show.  Now and then the verifier looks at
// tiling, bins and merging.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/options.h"
#include "dice.h"
#include "heap/heap.h"
#include "heap/sizeclass.h"
#include "heap/space.h"
#include "insight/verify.h"
#include "os/memory.h"

#define PAGES 64
#define STRIDE 4096  // one word of each is looked at

static struct {
  struct page *pages[PAGES];
  size_t slices;  // in all of them
} model;

// ---- Patterns ---------------------------------------------------------------

static uintptr_t *words_of(const struct page *page) {
  return (uintptr_t *)page->start;
}

// Not an address of the heap, which the verifier would follow.
static uintptr_t pattern(const struct page *page, size_t at) {
  return ~(page->start + at);
}

static void write_pattern(struct page *page) {
  for (size_t at = 0; at < page->slice_count * SLICE_BYTES; at += STRIDE)
    words_of(page)[at / sizeof(uintptr_t)] = pattern(page, at);
}

static size_t count_other_than_pattern(const struct page *page,
                                       size_t slice_count) {
  size_t count = 0;
  for (size_t at = 0; at < slice_count * SLICE_BYTES; at += STRIDE)
    count += words_of(page)[at / sizeof(uintptr_t)] != pattern(page, at);
  return count;
}

static size_t count_other_than_zero(const struct page *page) {
  size_t count = 0;
  for (size_t at = 0; at < page->slice_count * SLICE_BYTES; at += STRIDE)
    count += words_of(page)[at / sizeof(uintptr_t)] != 0;
  return count;
}

// ---- Laws -------------------------------------------------------------------

static void assert_named(const struct page *page) {
  uintptr_t end = page->start + page->slice_count * SLICE_BYTES;
  for (uintptr_t at = page->start; at < end; at += SLICE_BYTES) {
    assert_ptr_equal(space_page_of(at), page);
    assert_ptr_equal(space_page_of(at + SLICE_BYTES - 1), page);
  }
}

// All bytes committed are pages, dirty, clean, or the first slice.
static void assert_sums(void) {
  size_t first = space.used_bytes ? SLICE_BYTES : 0;
  assert_int_equal(space_committed_bytes(),
                   model.slices * SLICE_BYTES + space_free_bytes() + first);
}

static void count_page(struct page *page, void *context) {
  size_t *slices = context;
  *slices += page->slice_count;
}

static void assert_laws(void) {
  size_t slices = 0;
  space_visit_pages(count_page, &slices);
  assert_int_equal(slices, model.slices);
  assert_sums();
  verify_heap((uintptr_t)__builtin_frame_address(0));
}

// ---- What may happen --------------------------------------------------------

static struct page *create(size_t slices, size_t alignment) {
  return space_page_create(slices, alignment, slices * SLICE_BYTES, KIND_AUTO,
                           SIZECLASS_LARGE);
}

static void enter_page(struct page *page, size_t slices, size_t alignment) {
  assert_int_equal(page->slice_count, slices);
  assert_int_equal(page->start % alignment, 0);
  assert_true(page->start >= space.low + SLICE_BYTES);
  assert_true(page->start + slices * SLICE_BYTES
              <= space.low + space.used_bytes);
  assert_named(page);
  if (page->is_zero)
    assert_int_equal(count_other_than_zero(page), 0);
  write_pattern(page);
  model.slices += slices;
}

static void create_or_destroy(struct page **place) {
  struct page *page = *place;
  if (page) {
    assert_int_equal(count_other_than_pattern(page, page->slice_count), 0);
    model.slices -= page->slice_count;
    space_page_destroy(page);
    *place = NULL;
    return;
  }
  size_t slices = dice(10) ? 1 + dice(12) : 1 + dice(120);
  size_t alignment = SLICE_BYTES << (dice(4) ? 0 : dice(6));
  page = create(slices, alignment);
  if (page)
    enter_page(page, slices, alignment);
  *place = page;
}

static void extend(struct page *page) {
  size_t before = page->slice_count;
  size_t after = before + 1 + dice(8);
  if (!space_page_extend(page, after)) {
    assert_int_equal(page->slice_count, before);
    return;
  }
  page->block_bytes = after * SLICE_BYTES;
  assert_int_equal(page->slice_count, after);
  assert_int_equal(count_other_than_pattern(page, before), 0);
  assert_named(page);
  write_pattern(page);
  model.slices += after - before;
}

static void shrink(struct page *page) {
  size_t before = page->slice_count;
  if (before < 2)
    return;
  space_page_shrink(page, 1 + dice((unsigned)before - 1));
  page->block_bytes = page->slice_count * SLICE_BYTES;
  assert_int_equal(count_other_than_pattern(page, page->slice_count), 0);
  assert_named(page);
  model.slices -= before - page->slice_count;
}

static void purge(void) {
  size_t keep = dice(2) ? 0 : dice(40) * (SLICE_BYTES / 2);
  size_t dirty = space_free_bytes();
  uint64_t total = space_purged_bytes();
  size_t purged = space_purge(UINT64_MAX, keep);
  assert_int_equal(space_purged_bytes(), total + purged);
  assert_int_equal(space_free_bytes(), dirty - purged);
}

static void do_something(void) {
  struct page **place = &model.pages[dice(PAGES)];
  switch (dice(*place ? 12 : 4)) {
  case 0: purge(); break;
  case 4:
  case 5:
  case 6: extend(*place); break;
  case 7:
  case 8:
  case 9: shrink(*place); break;
  default: create_or_destroy(place);
  }
}

static void destroy_everything(void) {
  for (size_t i = 0; i < PAGES; i++)
    if (model.pages[i])
      create_or_destroy(&model.pages[i]);
  assert_int_equal(model.slices, 0);
  assert_laws();
}

// ---- Tests ------------------------------------------------------------------

static void pages_never_overlap_and_keep_what_is_in_them(void **state) {
  (void)state;
  for (unsigned step = 0; step < 6000; step++) {
    do_something();
    assert_sums();
    if (step % 200 == 0)
      assert_laws();
  }
  destroy_everything();
}

static void a_request_that_the_kernel_refuses_changes_nothing(void **state) {
  (void)state;
  space_purge(UINT64_MAX, 0);
  for (unsigned step = 0; step < 3000; step++) {
    options.fail = os_memory_requests() + 1 + dice(3);
    do_something();
    assert_sums();
    if (step % 100 == 0) {
      options.fail = 0;
      assert_laws();
    }
  }
  options.fail = 0;
  destroy_everything();
}

static void nothing_outside_pages_is_in_a_page(void **state) {
  (void)state;
  assert_null(space_page_of(0));
  assert_null(space_page_of(space.low - 1));
  assert_null(space_page_of(space.low));
  assert_null(space_page_of(space.low + space.used_bytes));
  assert_null(space_page_of(UINTPTR_MAX));
}

static void what_was_freed_is_one_run_and_is_used_again(void **state) {
  (void)state;
  space_purge(UINT64_MAX, 0);
  struct page *a = create(3, SLICE_BYTES), *b = create(4, SLICE_BYTES),
              *c = create(5, SLICE_BYTES);
  uintptr_t start = a->start;
  bool in_a_row = b->start == start + 3 * SLICE_BYTES
                  && c->start == b->start + 4 * SLICE_BYTES;
  space_page_destroy(a);
  space_page_destroy(c);
  space_page_destroy(b);
  assert_true(in_a_row);
  struct page *whole = create(12, SLICE_BYTES);
  assert_int_equal(whole->start, start);
  assert_false(whole->is_zero);
  space_page_destroy(whole);
  assert_laws();
}

static void a_purge_keeps_what_it_is_asked_to_keep(void **state) {
  (void)state;
  space_purge(UINT64_MAX, 0);
  assert_int_equal(space_free_bytes(), 0);
  struct page *page = create(20, SLICE_BYTES);
  space_page_destroy(page);
  assert_int_equal(space_free_bytes(), 20 * SLICE_BYTES);
  assert_int_equal(space_purge(UINT64_MAX, 20 * SLICE_BYTES), 0);
  assert_int_equal(space_purge(UINT64_MAX, 12 * SLICE_BYTES), 8 * SLICE_BYTES);
  assert_int_equal(space_purge(0, 0), 0);  // nothing was free at that time
  assert_int_equal(space_purge(UINT64_MAX, 0), 12 * SLICE_BYTES);
  assert_laws();
}

static void a_purge_that_is_refused_leaves_the_run_whole(void **state) {
  (void)state;
  space_purge(UINT64_MAX, 0);
  space_page_destroy(create(20, SLICE_BYTES));
  options.fail = os_memory_requests() + 1;
  assert_int_equal(space_purge(UINT64_MAX, 12 * SLICE_BYTES), 0);
  options.fail = 0;
  assert_int_equal(space_free_bytes(), 20 * SLICE_BYTES);
  assert_laws();
}

static void the_limit_bounds_what_is_committed(void **state) {
  (void)state;
  space_purge(UINT64_MAX, 0);
  size_t limit = space_committed_bytes() + 100 * SLICE_BYTES;
  space_set_limit(limit);
  assert_int_equal(space_limit(), limit);
  struct page *pages[101] = { NULL };
  size_t count = 0;
  for (; count < 101; count++) {
    pages[count] = create(1, SLICE_BYTES);
    assert_true(space_committed_bytes() <= limit);
    if (!pages[count])
      break;
  }
  assert_int_equal(count, 100);
  space_page_destroy(pages[--count]);
  assert_null(create(2, SLICE_BYTES));  // the free slice does not help
  pages[count] = create(1, SLICE_BYTES);
  assert_non_null(pages[count++]);
  space_set_limit(0);
  pages[count] = create(1, SLICE_BYTES);
  assert_non_null(pages[count++]);
  while (count > 0)
    space_page_destroy(pages[--count]);
  assert_laws();
}

static void a_limit_below_the_heap_lets_nothing_grow(void **state) {
  (void)state;
  space_purge(UINT64_MAX, 0);  // free slices of the heap may be had again
  struct page *page = create(10, SLICE_BYTES);
  space_set_limit(SLICE_BYTES);
  assert_null(create(1, SLICE_BYTES));
  assert_false(space_page_extend(page, 11));
  space_set_limit(0);
  space_page_destroy(page);
  assert_laws();
}

static void a_page_larger_than_the_window_is_refused(void **state) {
  (void)state;
  size_t committed = space_committed_bytes();
  assert_null(create((SPACE_MAX_BYTES >> SLICE_SHIFT) + 1, SLICE_BYTES));
  assert_null(create(SIZE_MAX >> SLICE_SHIFT, SLICE_BYTES));
  assert_true(space_committed_bytes() <= committed);
  assert_laws();
}

// ---- Under a limit on addresses ---------------------------------------------

// In a child, before the window of this process is made.
_Noreturn static void live_within(size_t bytes) {
  struct rlimit limit = { bytes, bytes };
  setrlimit(RLIMIT_AS, &limit);
  if (heap_init())
    _exit(3);
  struct page *pages[10000] = { NULL };
  size_t count = 0;
  while (count < 10000 && (pages[count] = create(4, SLICE_BYTES)))
    write_pattern(pages[count++]);
  if (count == 10000 || count * 4 * SLICE_BYTES < bytes / 4)
    _exit(4);  // more than there can be; or too little of it
  for (size_t i = 0; i < count; i++)
    if (count_other_than_pattern(pages[i], 4))
      _exit(5);
  for (size_t i = 0; i < count; i++)
    space_page_destroy(pages[i]);
  space_purge(UINT64_MAX, 0);
  struct page *whole = create(count * 4, SLICE_BYTES);
  _exit(whole && count_other_than_zero(whole) == 0 ? 0 : 6);
}

static void a_limit_on_addresses_still_leaves_a_heap(void **state) {
  (void)state;
  for (size_t bytes = 128 * MIB; bytes <= 512 * MIB; bytes *= 2) {
    pid_t child = fork();
    if (child == 0)
      live_within(bytes);
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
  }
}

static int setup(void **state) {
  (void)state;
  return heap_init();
}

int main(void) {
  dice_seed();
  const struct CMUnitTest before_the_window[] = {
    cmocka_unit_test(a_limit_on_addresses_still_leaves_a_heap),
  };
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_was_freed_is_one_run_and_is_used_again),
    cmocka_unit_test(pages_never_overlap_and_keep_what_is_in_them),
    cmocka_unit_test(a_request_that_the_kernel_refuses_changes_nothing),
    cmocka_unit_test(nothing_outside_pages_is_in_a_page),
    cmocka_unit_test(a_purge_keeps_what_it_is_asked_to_keep),
    cmocka_unit_test(a_purge_that_is_refused_leaves_the_run_whole),
    cmocka_unit_test(the_limit_bounds_what_is_committed),
    cmocka_unit_test(a_limit_below_the_heap_lets_nothing_grow),
    cmocka_unit_test(a_page_larger_than_the_window_is_refused),
  };
  return cmocka_run_group_tests_name("space, bounded", before_the_window, NULL,
                                     NULL)
         || cmocka_run_group_tests_name("space", tests, setup, NULL);
}
