// test_page.c -- heap/page: geometry, and bitmaps against a dumb model
//
// A page that nobody allocates from, its bits set and cleared by hand.  No
// block is touched, but for poison.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/options.h"
#include "dice.h"
#include "heap/page.h"
#include "heap/sizeclass.h"

#define START ((uintptr_t)0x1b8100000000)
#define MAX_BLOCKS 4096

static struct page *page;
static void *page_memory;

static void make_page(unsigned kind, unsigned class) {
  page_init(page, START, sizeclass_slices(class), sizeclass_bytes(class), kind,
            class, true);
}

static int setup(void **state) {
  (void)state;
  page = page_memory = calloc(1, page_meta_bytes(MAX_BLOCKS));
  return page ? 0 : -1;
}

static int teardown(void **state) {
  (void)state;
  free(page_memory);
  return 0;
}

// ---- Geometry ---------------------------------------------------------------

static void a_page_holds_as_many_blocks_as_fit(void **state) {
  (void)state;
  for (unsigned class = 0; class < SIZECLASS_COUNT; class++) {
    make_page(KIND_AUTO, class);
    size_t bytes = sizeclass_slices(class) * SLICE_BYTES;
    assert_int_equal(page->block_count, bytes / sizeclass_bytes(class));
    assert_true(page->cell_count * 64 > page->block_count);
    assert_true(page->meta_bytes == page_meta_bytes(page->block_count));
    assert_true((char *)(page_remote(page)
                         + (page->block_count + REMOTE_BITS - 1) / REMOTE_BITS)
                <= (char *)page + page->meta_bytes);
  }
}

static void a_fresh_page_has_nothing_live_and_nothing_marked(void **state) {
  (void)state;
  for (unsigned class = 0; class < SIZECLASS_COUNT; class++) {
    memset(page, 0xff, page_meta_bytes(MAX_BLOCKS));
    make_page(KIND_MANUAL, class);
    for (size_t i = 0; i < page->cell_count; i++)
      assert_true((page->cells[i].live | page->cells[i].mark) == 0);
    for (uint64_t i = 0; i < page->block_count; i++)
      assert_false(page_is_block_live(page, i));
    assert_int_equal(page_live_count(page), 0);
    assert_false(page_fold_remote(page));
  }
}

static void block_and_address_are_each_others_inverse(void **state) {
  (void)state;
  for (unsigned class = 0; class < SIZECLASS_COUNT; class++) {
    make_page(KIND_AUTO, class);
    for (uint64_t i = 0; i < page->block_count; i++) {
      uintptr_t start = page_block_address(page, i);
      uintptr_t last = start + page->block_bytes - 1;
      assert_int_equal(page_block_of(page, start).index, i);
      assert_true(page_block_of(page, start).is_start);
      assert_int_equal(page_block_of(page, last).index, i);
      assert_false(page_block_of(page, last).is_start);
      assert_false(page_block_of(page, start + 1).is_start);
    }
  }
}

static void
what_lies_behind_the_last_block_has_a_cell_and_is_dead(void **state) {
  (void)state;
  for (unsigned class = 0; class < SIZECLASS_COUNT; class++) {
    make_page(KIND_AUTO, class);
    for (size_t i = 0; i < page->cell_count; i++)
      page->cells[i].live = page_valid_bits(page, i);
    uintptr_t end = START + page->slice_count * SLICE_BYTES;
    uintptr_t behind = page_block_address(page, page->block_count);
    for (uintptr_t at = behind; at < end; at++) {
      uint64_t index = page_block_of(page, at).index;
      assert_int_equal(index, page->block_count);
      assert_true(index / 64 < page->cell_count);
      assert_false(page_cell(page, index)->live >> index % 64 & 1);
      assert_false(page_is_block_live(page, index));
    }
  }
}

static void valid_bits_stand_for_one_block_each(void **state) {
  (void)state;
  for (unsigned class = 0; class < SIZECLASS_COUNT; class++) {
    make_page(KIND_AUTO, class);
    for (uint64_t i = 0; i < page->cell_count * 64; i++)
      assert_int_equal(page_valid_bits(page, i / 64) >> i % 64 & 1,
                       i < page->block_count);
  }
}

static void a_large_page_is_one_block_whatever_the_offset(void **state) {
  (void)state;
  page_init(page, START, 5, 5 * SLICE_BYTES - 4096, KIND_AUTO, SIZECLASS_LARGE,
            false);
  assert_true(page_is_large(page));
  assert_int_equal(page->block_count, 1);
  assert_true(page_block_of(page, START).is_start);
  for (size_t at = 1; at < 5 * SLICE_BYTES; at += 4095) {
    assert_int_equal(page_block_of(page, START + at).index, 0);
    assert_false(page_block_of(page, START + at).is_start);
  }
}

static void queue_flag_and_link_outlive_the_page(void **state) {
  (void)state;
  struct page *other = (struct page *)&page_memory;
  page->remote_next = other;
  page->is_remote_queued = 1;
  make_page(KIND_MANUAL, 3);
  assert_ptr_equal(page->remote_next, other);
  assert_int_equal(page->is_remote_queued, 1);
  page->remote_next = NULL;
  page->is_remote_queued = 0;
}

static void kinds_say_who_scans_and_who_frees(void **state) {
  (void)state;
  static const struct {
    unsigned kind;
    bool is_swept, is_automatic, is_manual, is_scanned;
  } rows[] = {
    { KIND_AUTO, true, true, false, true },
    { KIND_AUTO_ATOMIC, true, true, false, false },
    { KIND_UNCOLLECTABLE, false, true, false, true },
    { KIND_MANUAL, false, false, true, true },
    { KIND_MANUAL_ATOMIC, false, false, true, false },
  };
  assert_int_equal(sizeof rows / sizeof rows[0], KIND_COUNT);
  for (size_t i = 0; i < KIND_COUNT; i++) {
    assert_int_equal(kind_is_swept(rows[i].kind), rows[i].is_swept);
    assert_int_equal(kind_is_automatic(rows[i].kind), rows[i].is_automatic);
    assert_int_equal(kind_is_manual(rows[i].kind), rows[i].is_manual);
    assert_int_equal(kind_is_scanned(rows[i].kind), rows[i].is_scanned);
  }
}

// ---- Bitmaps against a model ------------------------------------------------

static struct {
  bool live[MAX_BLOCKS], mark[MAX_BLOCKS], remote[MAX_BLOCKS];
} model;

static bool is_model_live(uint64_t i) {
  return page->is_unswept ? model.live[i] && model.mark[i] : model.live[i];
}

static void model_fold(void) {
  for (uint64_t i = 0; i < page->block_count; i++) {
    model.live[i] &= !model.remote[i];
    model.remote[i] = false;
  }
}

static void model_sweep(void) {
  for (uint64_t i = 0; i < page->block_count; i++)
    model.live[i] &= model.mark[i];
}

static void assert_as_model(void) {
  size_t count = 0;
  for (uint64_t i = 0; i < page->block_count; i++) {
    const struct cell *cell = page_cell(page, i);
    assert_int_equal(cell->live >> i % 64 & 1, model.live[i]);
    assert_int_equal(cell->mark >> i % 64 & 1, model.mark[i]);
    assert_int_equal(page_is_block_live(page, i),
                     is_model_live(i) && !model.remote[i]);
    count += is_model_live(i);
  }
  assert_int_equal(page_live_count(page), count);
  for (size_t i = 0; i < page->cell_count; i++) {  // P1
    uint64_t past = ~page_valid_bits(page, i);
    assert_true(((page->cells[i].live | page->cells[i].mark) & past) == 0);
  }
}

static void touch_block(uint64_t i) {
  uint64_t bit = (uint64_t)1 << i % 64;
  if (!model.live[i]) {
    page_cell(page, i)->live |= bit;
    model.live[i] = true;
  } else if (!model.mark[i] && dice(2)) {
    page_cell(page, i)->mark |= bit;
    page->has_marks = model.mark[i] = true;
  } else if (!model.remote[i]) {
    page_remote(page)[i / REMOTE_BITS] |= (AO_t)1 << i % REMOTE_BITS;
    model.remote[i] = true;
  }
}

static void fold(void) {
  bool any = false;
  for (uint64_t i = 0; i < page->block_count; i++)
    any |= model.remote[i];
  assert_int_equal(page_fold_remote(page), any);
  model_fold();
}

static void sweep(void) {
  model_fold();
  model_sweep();
  size_t free_count = 0;
  for (uint64_t i = 0; i < page->block_count; i++)
    free_count += !model.live[i];
  page->is_unswept = false;
  assert_int_equal(page_sweep(page), free_count);
}

static void clear_marks(void) {
  if (kind_is_swept(page->kind))
    model_fold();
  if (page->is_unswept)
    model_sweep();
  memset(model.mark, 0, sizeof model.mark);
  page_clear_marks(page);
  assert_false(page->is_unswept);
  assert_false(page->has_marks);
}

static void bitmaps_do_what_a_table_of_booleans_does(void **state) {
  (void)state;
  for (unsigned turn = 0; turn < 300; turn++) {
    unsigned kind = dice(KIND_COUNT);
    memset(&model, 0, sizeof model);
    make_page(kind, dice(SIZECLASS_COUNT));
    for (unsigned step = 0; step < 12; step++) {
      for (unsigned n = dice(2 * page->block_count); n-- > 0;)
        touch_block(dice(page->block_count));
      if (kind_is_swept(kind) && dice(2))
        page->is_unswept = true;
      assert_as_model();
      switch (dice(3)) {
      case 0: fold(); break;
      case 1: clear_marks(); break;
      default:
        if (kind_is_swept(kind))
          sweep();
      }
      assert_as_model();
    }
  }
}

// Marks of freed blocks are not what the collector leaves; but a sweep of a
// page where everything is marked changes nothing, where nothing is, all.
static void a_sweep_keeps_the_marked_and_only_them(void **state) {
  (void)state;
  for (unsigned class = 0; class < SIZECLASS_COUNT; class++) {
    make_page(KIND_AUTO, class);
    for (size_t i = 0; i < page->cell_count; i++)
      page->cells[i].live = page->cells[i].mark = page_valid_bits(page, i);
    assert_int_equal(page_sweep(page), 0);
    assert_int_equal(page_live_count(page), page->block_count);
    page_clear_marks(page);
    assert_int_equal(page_sweep(page), page->block_count);
    assert_int_equal(page_live_count(page), 0);
  }
}

// ---- Poison -----------------------------------------------------------------

static void poison_fills_the_dead_and_no_other_block(void **state) {
  (void)state;
  unsigned char *memory = aligned_alloc(SLICE_BYTES, SLICE_BYTES);
  assert_non_null(memory);
  memset(memory, 0x11, SLICE_BYTES);
  unsigned class = sizeclass_of(48);
  page_init(page, (uintptr_t)memory, 1, 48, KIND_AUTO, class, false);
  for (size_t i = 0; i < page->cell_count; i++) {
    page->cells[i].live = page_valid_bits(page, i);
    page->cells[i].mark = page_valid_bits(page, i) & 0x5555555555555555u;
  }
  options.poison = 1;
  page_sweep(page);
  options.poison = 0;
  for (size_t i = 0; i < SLICE_BYTES; i++) {
    bool is_dead = i / 48 < page->block_count && i / 48 % 2 == 1;
    assert_int_equal(memory[i], is_dead ? 0xdb : 0x11);
  }
  free(memory);
}

int main(void) {
  dice_seed();
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_page_holds_as_many_blocks_as_fit),
    cmocka_unit_test(a_fresh_page_has_nothing_live_and_nothing_marked),
    cmocka_unit_test(block_and_address_are_each_others_inverse),
    cmocka_unit_test(what_lies_behind_the_last_block_has_a_cell_and_is_dead),
    cmocka_unit_test(valid_bits_stand_for_one_block_each),
    cmocka_unit_test(a_large_page_is_one_block_whatever_the_offset),
    cmocka_unit_test(queue_flag_and_link_outlive_the_page),
    cmocka_unit_test(kinds_say_who_scans_and_who_frees),
    cmocka_unit_test(bitmaps_do_what_a_table_of_booleans_does),
    cmocka_unit_test(a_sweep_keeps_the_marked_and_only_them),
    cmocka_unit_test(poison_fills_the_dead_and_no_other_block),
  };
  return cmocka_run_group_tests_name("page", tests, setup, teardown);
}
