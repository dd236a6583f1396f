// test_sizeclass.c -- heap/sizeclass: every request there is

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heap/cache.h"
#include "heap/sizeclass.h"

static void every_request_fits_the_smallest_class_that_holds_it(void **state) {
  (void)state;
  for (size_t n = 1; n <= SMALL_MAX_BYTES; n++) {
    unsigned class = sizeclass_of(n);
    assert_true(class < SIZECLASS_COUNT);
    assert_true(sizeclass_bytes(class) >= n);
    assert_true(class == 0 || sizeclass_bytes(class - 1) < n);
  }
}

static void every_class_is_that_of_its_own_size(void **state) {
  (void)state;
  for (unsigned class = 0; class < SIZECLASS_COUNT; class++)
    assert_int_equal(sizeclass_of(sizeclass_bytes(class)), class);
}

static void sizes_grow_and_keep_the_alignment(void **state) {
  (void)state;
  for (unsigned class = 0; class < SIZECLASS_COUNT; class++) {
    assert_int_equal(sizeclass_bytes(class) % BLOCK_ALIGN, 0);
    assert_true(class == 0
                || sizeclass_bytes(class) > sizeclass_bytes(class - 1));
  }
  assert_int_equal(sizeclass_bytes(0), BLOCK_ALIGN);
  assert_int_equal(sizeclass_bytes(SIZECLASS_COUNT - 1), SMALL_MAX_BYTES);
}

static void waste_stays_below_a_fifth_above_64_bytes(void **state) {
  (void)state;
  for (size_t n = 65; n <= SMALL_MAX_BYTES; n++) {
    size_t bytes = sizeclass_bytes(sizeclass_of(n));
    assert_true(5 * (bytes - n) < bytes);
  }
}

static void
the_tail_of_a_page_is_less_than_a_block_and_a_sixteenth(void **state) {
  (void)state;
  for (unsigned class = 0; class < SIZECLASS_COUNT; class++) {
    size_t page = sizeclass_slices(class) * SLICE_BYTES;
    size_t tail = page % sizeclass_bytes(class);
    assert_true(page / sizeclass_bytes(class) >= 16);
    assert_true(tail * 16 < page);
  }
}

static void the_table_of_tiny_slots_agrees(void **state) {
  (void)state;
  assert_int_equal(tiny_slot_offset[0], 0);  // 0 bytes are a smallest block
  for (size_t n = 1; n <= TINY_MAX_BYTES; n++)
    assert_int_equal(tiny_slot_offset[(n + 15) / 16],
                     sizeclass_of(n) * sizeof(struct slot));
}

int main(void) {
  const struct CMUnitTest sizeclass[] = {
    cmocka_unit_test(every_request_fits_the_smallest_class_that_holds_it),
    cmocka_unit_test(every_class_is_that_of_its_own_size),
    cmocka_unit_test(sizes_grow_and_keep_the_alignment),
    cmocka_unit_test(waste_stays_below_a_fifth_above_64_bytes),
    cmocka_unit_test(the_tail_of_a_page_is_less_than_a_block_and_a_sixteenth),
    cmocka_unit_test(the_table_of_tiny_slots_agrees),
  };
  return cmocka_run_group_tests_name("sizeclass", sizeclass, NULL, NULL);
}
