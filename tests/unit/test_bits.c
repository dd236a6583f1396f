// test_bits.c -- base/bits against plain arithmetic
//
// Division by reciprocal is tried for every block size and every offset that a
// page of such blocks has: nothing is left to chance.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bits.h"
#include "heap/sizeclass.h"

static void lowest_and_highest_find_a_single_bit(void **state) {
  (void)state;
  for (unsigned i = 0; i < 64; i++) {
    uint64_t word = (uint64_t)1 << i;
    assert_int_equal(bits_lowest(word), i);
    assert_int_equal(bits_highest(word), i);
    assert_int_equal(bits_count(word), 1);
  }
}

static void lowest_and_highest_find_the_ends_of_every_stretch(void **state) {
  (void)state;
  for (unsigned low = 0; low < 64; low++)
    for (unsigned high = low; high < 64; high++) {
      uint64_t word = ((uint64_t)2 << high) - ((uint64_t)1 << low);
      assert_int_equal(bits_lowest(word), low);
      assert_int_equal(bits_highest(word), high);
      assert_int_equal(bits_count(word), high - low + 1);
    }
}

static void powers_of_two_are_the_numbers_with_one_bit(void **state) {
  (void)state;
  for (size_t n = 0; n < 5000; n++)
    assert_int_equal(is_power_of_two(n), bits_count(n) == 1);
  assert_true(is_power_of_two((size_t)1 << 63));
  assert_false(is_power_of_two(SIZE_MAX));
}

static void the_power_of_two_above_is_the_least(void **state) {
  (void)state;
  assert_int_equal(power_of_two_at_least(0), 1);
  for (size_t n = 1; n < 5000; n++) {
    size_t power = power_of_two_at_least(n);
    assert_true(is_power_of_two(power) && power >= n && power / 2 < n);
  }
  assert_true(power_of_two_at_least((size_t)1 << 63) == (size_t)1 << 63);
}

static void rounding_goes_to_the_next_multiple(void **state) {
  (void)state;
  for (size_t unit = 1; unit <= 4096; unit *= 2)
    for (size_t n = 0; n < 9000; n++) {
      assert_int_equal(round_up(n, unit), (n + unit - 1) / unit * unit);
      assert_int_equal(round_down(n, unit), n / unit * unit);
    }
}

static void the_reciprocal_divides_every_offset_by_every_class(void **state) {
  (void)state;
  for (unsigned class = 0; class < SIZECLASS_COUNT; class++) {
    uint64_t bytes = sizeclass_bytes(class);
    uint64_t reciprocal = reciprocal_of(bytes);
    uint64_t offsets = sizeclass_slices(class) * SLICE_BYTES;
    uint64_t wrong = 0;
    for (uint64_t n = 0; n < offsets; n++) {
      struct quotient q = divide_by_reciprocal(n, reciprocal);
      wrong += q.index != n / bytes;
      wrong += (q.fraction < reciprocal) != (n % bytes == 0);
    }
    assert_int_equal(wrong, 0);
  }
}

static void the_reciprocal_one_makes_every_offset_block_0(void **state) {
  (void)state;
  for (uint64_t n = 0; n < (uint64_t)1 << 62; n = n * 3 + 1) {
    struct quotient q = divide_by_reciprocal(n, 1);
    assert_int_equal(q.index, 0);
    assert_int_equal(q.fraction < 1, n == 0);
  }
}

int main(void) {
  const struct CMUnitTest bits[] = {
    cmocka_unit_test(lowest_and_highest_find_a_single_bit),
    cmocka_unit_test(lowest_and_highest_find_the_ends_of_every_stretch),
    cmocka_unit_test(powers_of_two_are_the_numbers_with_one_bit),
    cmocka_unit_test(the_power_of_two_above_is_the_least),
    cmocka_unit_test(rounding_goes_to_the_next_multiple),
    cmocka_unit_test(the_reciprocal_divides_every_offset_by_every_class),
    cmocka_unit_test(the_reciprocal_one_makes_every_offset_block_0),
  };
  return cmocka_run_group_tests_name("bits", bits, NULL, NULL);
}
