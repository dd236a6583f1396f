// test_worklist.c -- mark/worklist: a stack without an end

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/options.h"
#include "dice.h"
#include "mark/worklist.h"
#include "os/memory.h"

#define MANY 200000

static void push_number(uintptr_t n) { worklist_push(n * 16, n + 1); }

static void assert_number(struct work work, uintptr_t n) {
  assert_int_equal(work.address, n * 16);
  assert_int_equal(work.bytes, n + 1);
}

static void pop_all(void) {
  struct work work;
  while (worklist_pop(&work))
    continue;
}

static void an_empty_worklist_gives_nothing(void **state) {
  (void)state;
  struct work work = { 1, 2 };
  assert_false(worklist_pop(&work));
  assert_int_equal(work.address, 1);
}

static void the_last_in_is_the_first_out(void **state) {
  (void)state;
  struct work work;
  for (uintptr_t i = 0; i < MANY; i++)
    push_number(i);
  for (uintptr_t i = MANY; i-- > 0;) {
    assert_true(worklist_pop(&work));
    assert_number(work, i);
  }
  assert_false(worklist_pop(&work));
  assert_false(worklist.has_overflowed);
  worklist_release();
}

static void pushes_and_pops_at_random_are_those_of_a_stack(void **state) {
  (void)state;
  struct work work;
  uintptr_t *stack = calloc(MANY, sizeof *stack);
  size_t depth = 0;
  for (unsigned turn = 0; turn < 400; turn++) {
    bool is_pushing = dice(2);
    for (unsigned n = dice(4 * MARK_PACKET_ENTRIES); n-- > 0;) {
      if (is_pushing && depth < MANY) {
        stack[depth] = dice(1000000);
        push_number(stack[depth++]);
      } else if (depth > 0) {
        assert_true(worklist_pop(&work));
        assert_number(work, stack[--depth]);
      } else {
        assert_false(worklist_pop(&work));
      }
    }
  }
  free(stack);
  pop_all();
  worklist_release();
}

static void what_a_trace_used_is_given_back(void **state) {
  (void)state;
  for (uintptr_t i = 0; i < MANY; i++)
    push_number(i);
  assert_true(worklist_bytes() >= MANY * sizeof(struct work));
  pop_all();
  worklist_release();
  assert_int_equal(worklist_bytes(), 0);
  push_number(7);  // and it still works
  struct work work;
  assert_true(worklist_pop(&work));
  assert_number(work, 7);
}

static void packets_are_used_again_before_the_kernel_is_asked(void **state) {
  (void)state;
  for (uintptr_t i = 0; i < MANY; i++)
    push_number(i);
  pop_all();
  uint64_t requests = os_memory_requests();
  for (uintptr_t i = 0; i < MANY; i++)
    push_number(i);
  assert_int_equal(os_memory_requests(), requests);
  pop_all();
  worklist_release();
}

static void a_refusal_drops_entries_and_says_so(void **state) {
  (void)state;
  struct work work;
  for (uintptr_t i = 0; i < MARK_PACKET_ENTRIES; i++)
    push_number(i);
  assert_false(worklist.has_overflowed);
  options.fail = os_memory_requests() + 1;
  push_number(1000);
  options.fail = 0;
  assert_true(worklist.has_overflowed);
  worklist.has_overflowed = false;
  push_number(2000);  // the kernel has memory again
  assert_false(worklist.has_overflowed);
  assert_true(worklist_pop(&work));
  assert_number(work, 2000);
  for (uintptr_t i = MARK_PACKET_ENTRIES; i-- > 0;) {
    assert_true(worklist_pop(&work));
    assert_number(work, i);
  }
  assert_false(worklist_pop(&work));
  worklist_release();
}

static int setup(void **state) {
  (void)state;
  return worklist_init() ? 0 : -1;
}

int main(void) {
  dice_seed();
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_empty_worklist_gives_nothing),
    cmocka_unit_test(the_last_in_is_the_first_out),
    cmocka_unit_test(pushes_and_pops_at_random_are_those_of_a_stack),
    cmocka_unit_test(what_a_trace_used_is_given_back),
    cmocka_unit_test(packets_are_used_again_before_the_kernel_is_asked),
    cmocka_unit_test(a_refusal_drops_entries_and_says_so),
  };
  return cmocka_run_group_tests_name("worklist", tests, setup, NULL);
}
