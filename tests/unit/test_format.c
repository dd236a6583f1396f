// test_format.c -- base/format against snprintf

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/format.h"

// The same arguments to both.
#define assert_as_snprintf(...)                                  \
  do {                                                           \
    char ours[256], libcs[256];                                  \
    size_t length = format_text(ours, sizeof ours, __VA_ARGS__); \
    int expected = snprintf(libcs, sizeof libcs, __VA_ARGS__);   \
    assert_string_equal(ours, libcs);                            \
    assert_int_equal(length, expected);                          \
  } while (0)

static void text_without_conversions_is_copied(void **state) {
  (void)state;
  assert_as_snprintf("nothing to convert");
  assert_as_snprintf("100 %%, twice: %%");
}

static void strings_and_characters_are_those_of_snprintf(void **state) {
  (void)state;
  assert_as_snprintf("%s", "");
  assert_as_snprintf("<%s|%12s|%3s>", "one", "twelve wide", "longer");
  assert_as_snprintf("%c%c", 'a', '%');
}

static void numbers_are_those_of_snprintf(void **state) {
  (void)state;
  static const long numbers[] = { 0,         1,         -1,        9,
                                  10,        -10,       255,       65536,
                                  INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN };
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    long n = numbers[i];
    assert_as_snprintf("%d %u %x", (int)n, (unsigned)n, (unsigned)n);
    assert_as_snprintf("%ld %lu %lx", n, (unsigned long)n, (unsigned long)n);
    assert_as_snprintf("%lld %llu %llx", (long long)n, (unsigned long long)n,
                       (unsigned long long)n);
    assert_as_snprintf("%zu %zx", (size_t)n, (size_t)n);
  }
}

static void widths_pad_with_spaces_or_zeros(void **state) {
  (void)state;
  assert_as_snprintf("%5d|%1d|%12lu", 42, 42, 42ul);
  assert_as_snprintf("%05d|%03lu|%08x", 42, 7ul, 0xabcu);
  assert_as_snprintf("%5d|%05d|%02d", -42, -42, -42);
}

static void pointers_are_hexadecimal(void **state) {
  (void)state;
  char text[64];
  format_text(text, sizeof text, "%p", (void *)0x1b8100010000);
  assert_string_equal(text, "0x1b8100010000");
  format_text(text, sizeof text, "%p", NULL);
  assert_string_equal(text, "0x0");
}

static void text_that_does_not_fit_is_cut_and_ended(void **state) {
  (void)state;
  for (size_t size = 1; size < 16; size++) {
    char text[32];
    memset(text, '#', sizeof text);
    size_t length = format_text(text, size, "%s%d", "abcdef", 123456);
    assert_int_equal(length, size - 1 < 12 ? size - 1 : 12);
    assert_int_equal(strlen(text), length);
    assert_memory_equal(text, "abcdef123456", length);
    assert_int_equal(text[size], '#');
  }
}

static void no_room_at_all_writes_nothing(void **state) {
  (void)state;
  char text = '#';
  assert_int_equal(format_text(&text, 0, "%d", 1), 0);
  assert_int_equal(text, '#');
}

// ---- Lines ------------------------------------------------------------------

struct outcome {
  int status;
  char text[2048];
};

static struct outcome outcome_of(void (*body)(void), int descriptor) {
  struct outcome outcome = { 0 };
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) {
    struct rlimit no_core = { 0, 0 };
    setrlimit(RLIMIT_CORE, &no_core);
    signal(SIGABRT, SIG_DFL);
    dup2(ends[1], descriptor);
    body();
    _exit(EXIT_SUCCESS);
  }
  close(ends[1]);
  size_t length = 0;
  ssize_t got;
  while ((got = read(ends[0], outcome.text + length,
                     sizeof outcome.text - 1 - length))
         > 0)
    length += (size_t)got;
  close(ends[0]);
  waitpid(child, &outcome.status, 0);
  return outcome;
}

static void print_a_line(void) {
  errno = 77;
  print_line("number %d", 5);
  if (errno != 77)
    _exit(EXIT_FAILURE);
}

static void a_line_has_prefix_and_line_feed_and_keeps_errno(void **state) {
  (void)state;
  struct outcome outcome = outcome_of(print_a_line, STDERR_FILENO);
  assert_string_equal(outcome.text, "gleaner: number 5\n");
  assert_int_equal(outcome.status, 0);
}

static void print_a_long_line(void) { print_line("%01000d", 1); }

static void a_line_too_long_is_cut_and_still_one_line(void **state) {
  (void)state;
  struct outcome outcome = outcome_of(print_a_long_line, STDERR_FILENO);
  assert_true(strlen(outcome.text) <= FORMAT_LINE_BYTES);
  assert_ptr_equal(strchr(outcome.text, '\n'),
                   outcome.text + strlen(outcome.text) - 1);
}

static void print_a_part(void) { print_to(STDOUT_FILENO, "%s;", "part"); }

static void text_to_a_descriptor_is_bare(void **state) {
  (void)state;
  assert_string_equal(outcome_of(print_a_part, STDOUT_FILENO).text, "part;");
}

static void run_into_panic(void) { panic("freed twice: %p", (void *)16); }

static void panic_prints_one_line_and_aborts(void **state) {
  (void)state;
  struct outcome outcome = outcome_of(run_into_panic, STDERR_FILENO);
  assert_string_equal(outcome.text, "gleaner: freed twice: 0x10\n");
  assert_true(WIFSIGNALED(outcome.status));
  assert_int_equal(WTERMSIG(outcome.status), SIGABRT);
}

static void fail_a_check(void) {
  CHECK(1 + 1 == 2);
  CHECK(1 + 1 == 3);
}

static void a_failed_check_names_itself(void **state) {
  (void)state;
  struct outcome outcome = outcome_of(fail_a_check, STDERR_FILENO);
  assert_non_null(strstr(outcome.text, "1 + 1 == 3"));
  assert_non_null(strstr(outcome.text, "test_format.c"));
  assert_true(WIFSIGNALED(outcome.status));
}

int main(void) {
  const struct CMUnitTest format[] = {
    cmocka_unit_test(text_without_conversions_is_copied),
    cmocka_unit_test(strings_and_characters_are_those_of_snprintf),
    cmocka_unit_test(numbers_are_those_of_snprintf),
    cmocka_unit_test(widths_pad_with_spaces_or_zeros),
    cmocka_unit_test(pointers_are_hexadecimal),
    cmocka_unit_test(text_that_does_not_fit_is_cut_and_ended),
    cmocka_unit_test(no_room_at_all_writes_nothing),
    cmocka_unit_test(a_line_has_prefix_and_line_feed_and_keeps_errno),
    cmocka_unit_test(a_line_too_long_is_cut_and_still_one_line),
    cmocka_unit_test(text_to_a_descriptor_is_bare),
    cmocka_unit_test(panic_prints_one_line_and_aborts),
    cmocka_unit_test(a_failed_check_names_itself),
  };
  return cmocka_run_group_tests_name("format", format, NULL, NULL);
}
