// test_ranges.c -- roots/ranges against a table of bytes
//
// Ranges lie in a universe of a few hundred addresses; for each the model says
// how often it was excluded, and whether it is a root.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "roots/ranges.h"

#define UNIVERSE 500
#define EXCLUSIONS 12

static struct {
  bool is_root[UNIVERSE];
  struct range excluded[EXCLUSIONS];  // empty: none
} model;

static bool is_excluded(uintptr_t address) {
  for (size_t i = 0; i < EXCLUSIONS; i++)
    if (range_has(model.excluded[i], address))
      return true;
  return false;
}

static struct range random_range(void) {
  uintptr_t low = dice(UNIVERSE);
  return (struct range){ low, low + dice((unsigned)(UNIVERSE + 1 - low)) };
}

static void note_range(struct range range, void *context) {
  bool *seen = context;
  assert_true(range.low < range.high);
  for (uintptr_t at = range.low; at < range.high; at++)
    seen[at] = true;
}

static void assert_roots_as_model(void) {
  bool seen[UNIVERSE] = { false };
  ranges_visit_roots(note_range, seen);
  for (uintptr_t at = 0; at < UNIVERSE; at++)
    assert_int_equal(seen[at], model.is_root[at] && !is_excluded(at));
}

static void assert_included_as_model(struct range range) {
  bool seen[UNIVERSE] = { false };
  ranges_visit_included(range, note_range, seen);
  for (uintptr_t at = 0; at < UNIVERSE; at++)
    assert_int_equal(seen[at], range_has(range, at) && !is_excluded(at));
}

static void set_root(struct range range, bool is_root) {
  for (uintptr_t at = range.low; at < range.high; at++)
    model.is_root[at] = is_root;
}

static void change_exclusion(void) {
  struct range *excluded = &model.excluded[dice(EXCLUSIONS)];
  if (range_is_empty(*excluded)) {
    struct range range = random_range();
    assert_int_equal(ranges_exclude(range), 0);
    *excluded = range;
  } else {
    assert_int_equal(ranges_include(*excluded), 0);
    *excluded = (struct range){ 0, 0 };
  }
}

static void change_something(void) {
  struct range range = random_range();
  switch (dice(5)) {
  case 0:
  case 1:
    assert_int_equal(ranges_add(range), 0);
    set_root(range, true);
    break;
  case 2:
  case 3:
    assert_int_equal(ranges_remove(range), 0);
    set_root(range, false);
    break;
  default: change_exclusion();
  }
}

static void forget_everything(void) {
  struct range all = { 0, UNIVERSE };
  assert_int_equal(ranges_remove(all), 0);
  for (size_t i = 0; i < EXCLUSIONS; i++)
    if (!range_is_empty(model.excluded[i]))
      assert_int_equal(ranges_include(model.excluded[i]), 0);
  memset(&model, 0, sizeof model);
}

static void roots_are_what_was_added_less_removed_less_excluded(void **state) {
  (void)state;
  for (unsigned turn = 0; turn < 200; turn++) {
    for (unsigned step = dice(60); step-- > 0;) {
      change_something();
      assert_roots_as_model();
    }
    assert_included_as_model(random_range());
    forget_everything();
    assert_roots_as_model();
  }
}

static void a_range_added_twice_is_gone_when_removed_once(void **state) {
  (void)state;
  struct range range = { 10, 20 };
  assert_int_equal(ranges_add(range), 0);
  assert_int_equal(ranges_add(range), 0);
  assert_int_equal(ranges_remove(range), 0);
  assert_roots_as_model();
}

static void many_ranges_are_kept_and_split(void **state) {
  (void)state;
  for (uintptr_t at = 0; at + 3 <= UNIVERSE; at += 3) {
    struct range range = { at, at + 3 };
    assert_int_equal(ranges_add(range), 0);
    set_root(range, true);
  }
  for (uintptr_t at = 1; at + 3 <= UNIVERSE; at += 3) {
    struct range middle = { at, at + 1 };
    assert_int_equal(ranges_remove(middle), 0);
    set_root(middle, false);
  }
  assert_roots_as_model();
  forget_everything();
}

static void an_exclusion_is_undone_as_often_as_it_was_made(void **state) {
  (void)state;
  struct range range = { 100, 200 }, part = { 100, 150 };
  assert_int_equal(ranges_exclude(range), 0);
  assert_int_equal(ranges_exclude(range), 0);
  assert_int_equal(ranges_include(part), -ENOENT);
  assert_int_equal(ranges_include(range), 0);
  model.excluded[0] = range;
  assert_included_as_model((struct range){ 50, 250 });
  assert_int_equal(ranges_include(range), 0);
  model.excluded[0] = (struct range){ 0, 0 };
  assert_included_as_model((struct range){ 50, 250 });
  assert_int_equal(ranges_include(range), -ENOENT);
}

static void a_range_that_ends_before_it_starts_is_refused(void **state) {
  (void)state;
  struct range backwards = { 20, 10 };
  assert_int_equal(ranges_add(backwards), -EINVAL);
  assert_int_equal(ranges_remove(backwards), -EINVAL);
  assert_int_equal(ranges_exclude(backwards), -EINVAL);
  assert_int_equal(ranges_add_stack(backwards), -EINVAL);
}

static void an_empty_range_is_no_range(void **state) {
  (void)state;
  struct range empty = { 30, 30 };
  assert_int_equal(ranges_add(empty), 0);
  assert_int_equal(ranges_remove(empty), 0);
  assert_int_equal(ranges_exclude(empty), 0);
  assert_int_equal(ranges_add_stack(empty), -EINVAL);
  assert_roots_as_model();
}

static void removing_an_empty_range_leaves_its_surroundings(void **state) {
  (void)state;
  struct range range = { 20, 40 }, empty = { 30, 30 };
  assert_int_equal(ranges_add(range), 0);
  assert_int_equal(ranges_remove(empty), 0);
  set_root(range, true);
  assert_roots_as_model();
  forget_everything();
}

// ---- Stacks -----------------------------------------------------------------

static void count_stack(struct range range, void *context) {
  (void)range;
  ++*(unsigned *)context;
}

static unsigned stack_count(void) {
  unsigned count = 0;
  ranges_visit_stacks(count_stack, &count);
  return count;
}

static void a_stack_is_found_by_any_address_in_it(void **state) {
  (void)state;
  struct range stack = { 1000, 2000 };
  assert_int_equal(ranges_add_stack(stack), 0);
  assert_int_equal(ranges_stack_of(1000).high, 2000);
  assert_int_equal(ranges_stack_of(1999).low, 1000);
  assert_true(range_is_empty(ranges_stack_of(999)));
  assert_true(range_is_empty(ranges_stack_of(2000)));
  assert_int_equal(ranges_remove_stack(1000), 0);
  assert_true(range_is_empty(ranges_stack_of(1500)));
}

static void a_stack_registers_once_and_is_forgotten_once(void **state) {
  (void)state;
  struct range stack = { 1000, 2000 };
  assert_int_equal(ranges_add_stack(stack), 0);
  assert_int_equal(ranges_add_stack(stack), -EEXIST);
  assert_int_equal(stack_count(), 1);
  assert_int_equal(ranges_remove_stack(1500), -ENOENT);
  assert_int_equal(ranges_remove_stack(1000), 0);
  assert_int_equal(ranges_remove_stack(1000), -ENOENT);
  assert_int_equal(stack_count(), 0);
}

static void a_guess_replaces_the_guesses_it_overlaps(void **state) {
  (void)state;
  assert_int_equal(ranges_add_guess((struct range){ 1000, 2000 }), 0);
  assert_int_equal(ranges_add_guess((struct range){ 2000, 3000 }), 0);
  assert_int_equal(ranges_add_guess((struct range){ 4000, 5000 }), 0);
  assert_int_equal(stack_count(), 3);
  assert_int_equal(ranges_add_guess((struct range){ 1500, 2500 }), 0);
  assert_int_equal(stack_count(), 2);
  assert_true(range_is_empty(ranges_stack_of(1200)));
  assert_int_equal(ranges_stack_of(2400).low, 1500);
  assert_int_equal(ranges_stack_of(4000).high, 5000);
  ranges_remove_guess(1500);
  ranges_remove_guess(4000);
  ranges_remove_guess(4000);
  assert_int_equal(stack_count(), 0);
}

static void a_registered_stack_comes_before_a_guess(void **state) {
  (void)state;
  assert_int_equal(ranges_add_guess((struct range){ 1000, 3000 }), 0);
  assert_int_equal(ranges_add_stack((struct range){ 1000, 2000 }), 0);
  assert_int_equal(ranges_stack_of(1500).high, 2000);
  assert_int_equal(ranges_stack_of(2500).high, 3000);
  assert_int_equal(ranges_remove_stack(1000), 0);
  assert_int_equal(stack_count(), 0);
}

int main(void) {
  dice_seed();
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(roots_are_what_was_added_less_removed_less_excluded),
    cmocka_unit_test(a_range_added_twice_is_gone_when_removed_once),
    cmocka_unit_test(many_ranges_are_kept_and_split),
    cmocka_unit_test(an_exclusion_is_undone_as_often_as_it_was_made),
    cmocka_unit_test(a_range_that_ends_before_it_starts_is_refused),
    cmocka_unit_test(an_empty_range_is_no_range),
    cmocka_unit_test(removing_an_empty_range_leaves_its_surroundings),
    cmocka_unit_test(a_stack_is_found_by_any_address_in_it),
    cmocka_unit_test(a_stack_registers_once_and_is_forgotten_once),
    cmocka_unit_test(a_guess_replaces_the_guesses_it_overlaps),
    cmocka_unit_test(a_registered_stack_comes_before_a_guess),
  };
  return cmocka_run_group_tests_name("ranges", tests, NULL, NULL);
}
