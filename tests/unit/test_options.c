// test_options.c -- base/options: what GLEANER_OPTIONS may say
//
// Each reading happens in a child process: options are read once, and a bad one
// ends the process.

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/options.h"
#include "base/settings.h"

struct outcome {
  int exit_code;
  struct options options;  // as read, when the child lived on
  char out[8192], err[1024];
};

static void read_all(int descriptor, void *buffer, size_t size) {
  char *at = buffer;
  ssize_t got;
  while (size > 0 && (got = read(descriptor, at, size)) > 0) {
    at += got;
    size -= (size_t)got;
  }
  close(descriptor);
}

_Noreturn static void read_options_in_child(const char *text, int result) {
  if (text)
    setenv("GLEANER_OPTIONS", text, 1);
  else
    unsetenv("GLEANER_OPTIONS");
  options_read();
  ssize_t done = write(result, &options, sizeof options);
  _exit(done == (ssize_t)sizeof options ? EXIT_SUCCESS : EXIT_FAILURE);
}

// What comes of GLEANER_OPTIONS=text.
static struct outcome outcome_of(const char *text) {
  struct outcome outcome;
  memset(&outcome, 0, sizeof outcome);
  int out[2], err[2], result[2];
  assert_int_equal(pipe(out) | pipe(err) | pipe(result), 0);
  pid_t child = fork();
  if (child == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    read_options_in_child(text, result[1]);
  }
  close(out[1]);
  close(err[1]);
  close(result[1]);
  read_all(out[0], outcome.out, sizeof outcome.out - 1);
  read_all(err[0], outcome.err, sizeof outcome.err - 1);
  read_all(result[0], &outcome.options, sizeof outcome.options);
  int status;
  waitpid(child, &status, 0);
  assert_true(WIFEXITED(status));
  outcome.exit_code = WEXITSTATUS(status);
  return outcome;
}

static struct options options_of(const char *text) {
  struct outcome outcome = outcome_of(text);
  assert_int_equal(outcome.exit_code, 0);
  assert_string_equal(outcome.err, "");
  assert_string_equal(outcome.out, "");
  return outcome.options;
}

// ---- Good words -------------------------------------------------------------

static void without_the_variable_options_have_their_defaults(void **state) {
  (void)state;
  struct options unset = options_of(NULL), empty = options_of("");
  assert_memory_equal(&unset, &empty, sizeof unset);
  assert_int_equal(unset.verbose, 0);
  assert_int_equal(unset.stress, 0);
  assert_int_equal(unset.verify, 0);
  assert_int_equal(unset.poison, 0);
  assert_int_equal(unset.fail, 0);
  assert_int_equal(unset.growth_percent, 0);
  assert_int_equal(unset.floor_bytes, PACING_FLOOR_BYTES);
  assert_int_equal(unset.limit_bytes, 0);
  assert_int_equal(unset.decay_ms, PURGE_DECAY_MS);
  assert_int_equal(unset.signal, 0);
  assert_int_equal(unset.manual_roots, 1);
  assert_int_equal(unset.huge_pages, 1);
  assert_int_equal(unset.disable, 0);
}

static void each_option_sets_its_own_field_alone(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t offset;
    uint64_t value;
  } rows[] = {
    { "verbose=1", offsetof(struct options, verbose), 1 },
    { "stress=7", offsetof(struct options, stress), 7 },
    { "verify=1", offsetof(struct options, verify), 1 },
    { "poison=1", offsetof(struct options, poison), 1 },
    { "fail=12", offsetof(struct options, fail), 12 },
    { "growth=75", offsetof(struct options, growth_percent), 75 },
    { "floor=8192", offsetof(struct options, floor_bytes), 8192 },
    { "limit=65536", offsetof(struct options, limit_bytes), 65536 },
    { "decay=3", offsetof(struct options, decay_ms), 3 },
    { "signal=40", offsetof(struct options, signal), 40 },
    { "manual_roots=0", offsetof(struct options, manual_roots), 0 },
    { "huge_pages=0", offsetof(struct options, huge_pages), 0 },
    { "disable=1", offsetof(struct options, disable), 1 },
  };
  struct options defaults = options_of(NULL);
  assert_int_equal(sizeof rows / sizeof rows[0] * sizeof(uint64_t),
                   sizeof(struct options));
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct options expected = defaults;
    memcpy((char *)&expected + rows[i].offset, &rows[i].value,
           sizeof rows[i].value);
    struct options read = options_of(rows[i].text);
    assert_memory_equal(&read, &expected, sizeof read);
  }
}

static void a_name_alone_means_one(void **state) {
  (void)state;
  assert_int_equal(options_of("verify").verify, 1);
  assert_int_equal(options_of("stress").stress, 1);
}

static void commas_spaces_and_colons_separate(void **state) {
  (void)state;
  struct options read = options_of(",, verbose: stress=3 ,poison=1:");
  assert_int_equal(read.verbose, 1);
  assert_int_equal(read.stress, 3);
  assert_int_equal(read.poison, 1);
}

static void the_last_word_for_an_option_wins(void **state) {
  (void)state;
  assert_int_equal(options_of("stress=3,stress=5").stress, 5);
}

static void sizes_take_suffixes_of_either_case(void **state) {
  (void)state;
  assert_int_equal(options_of("limit=3k").limit_bytes, 3 * KIB);
  assert_int_equal(options_of("limit=3K").limit_bytes, 3 * KIB);
  assert_int_equal(options_of("limit=5m").limit_bytes, 5 * MIB);
  assert_int_equal(options_of("limit=5M").limit_bytes, 5 * MIB);
  assert_int_equal(options_of("floor=2g").floor_bytes, 2 * GIB);
  assert_int_equal(options_of("floor=2G").floor_bytes, 2 * GIB);
}

static void both_ends_of_a_range_are_in_it(void **state) {
  (void)state;
  assert_int_equal(options_of("growth=0").growth_percent, 0);
  assert_int_equal(options_of("growth=10000").growth_percent, 10000);
  assert_int_equal(options_of("signal=64").signal, 64);
}

// ---- Bad words --------------------------------------------------------------

static void a_bad_word_gives_one_line_that_quotes_it_and_exit_2(void **state) {
  (void)state;
  static const char *const bad[] = {
    "nonsense",
    "verifi",
    "verify1",
    "=1",
    "=",
    "verify=",
    "verify=x",
    "verify=2",
    "verify=-1",
    "verify=1x",
    "verify==1",
    "limit=k",
    "limit=1kk",
    "limit=1z",
    "limit=1.5g",
    "limit=0x10",
    "growth=10001",
    "floor=4095",
    "signal=65",
    "help=1",
    "limit=18446744073709551616",
    "limit=18446744073709551615g",
    "limit=65t",
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct outcome outcome = outcome_of(bad[i]);
    char quoted[64];
    snprintf(quoted, sizeof quoted, "'%s'", bad[i]);
    assert_int_equal(outcome.exit_code, 2);
    assert_string_equal(outcome.out, "");
    assert_non_null(strstr(outcome.err, quoted));
    assert_memory_equal(outcome.err, "gleaner: GLEANER_OPTIONS", 24);
    assert_ptr_equal(strchr(outcome.err, '\n'),
                     outcome.err + strlen(outcome.err) - 1);
  }
}

static void a_bad_word_after_good_ones_is_found(void **state) {
  (void)state;
  struct outcome outcome = outcome_of("verify,stress=5,oops,poison");
  assert_int_equal(outcome.exit_code, 2);
  assert_non_null(strstr(outcome.err, "'oops'"));
}

static void a_word_of_any_length_is_refused_in_one_line(void **state) {
  (void)state;
  char text[5000];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  struct outcome outcome = outcome_of(text);
  assert_int_equal(outcome.exit_code, 2);
  assert_true(strlen(outcome.err) < 512);
  assert_non_null(strchr(outcome.err, '\n'));
}

static void help_prints_every_option_and_exits_0(void **state) {
  (void)state;
  static const char *const names[] = {
    "verbose",      "stress",     "verify",  "poison", "fail",
    "growth",       "floor",      "limit",   "decay",  "signal",
    "manual_roots", "huge_pages", "disable", "help",
  };
  struct outcome outcome = outcome_of("help");
  assert_int_equal(outcome.exit_code, 0);
  assert_string_equal(outcome.err, "");
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    char row[32];
    snprintf(row, sizeof row, "\n  %s", names[i]);
    assert_non_null(strstr(outcome.out, row));
  }
}

// ---- Set-uid ----------------------------------------------------------------

#define NOBODY 65534

static void copy_own_program(const char *path, mode_t mode) {
  int from = open("/proc/self/exe", O_RDONLY);
  int to = open(path, O_WRONLY | O_CREAT | O_EXCL, 0700);
  assert_true(from >= 0 && to >= 0);
  char buffer[65536];
  ssize_t got;
  while ((got = read(from, buffer, sizeof buffer)) > 0)
    assert_int_equal(write(to, buffer, (size_t)got), got);
  close(from);
  assert_int_equal(fchown(to, NOBODY, NOBODY), 0);
  assert_int_equal(fchmod(to, mode), 0);  // after chown, which clears set-uid
  close(to);
}

// Exit code of `path probe` under GLEANER_OPTIONS=stress=9.
static int probe(const char *path) {
  pid_t child = fork();
  if (child == 0) {
    setenv("GLEANER_OPTIONS", "stress=9", 1);
    execl(path, path, "probe", (char *)NULL);
    _exit(127);
  }
  int status;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_set_uid_program_ignores_the_variable(void **state) {
  (void)state;
  struct statvfs file_system;
  if (geteuid() != 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0
      || statvfs("/tmp", &file_system) != 0
      || file_system.f_flag & (ST_NOSUID | ST_NOEXEC))
    skip();
  char folder[] = "/tmp/gleaner-options-XXXXXX", plain[64], set_uid[64];
  assert_non_null(mkdtemp(folder));
  assert_int_equal(chmod(folder, 0755), 0);
  snprintf(plain, sizeof plain, "%s/plain", folder);
  snprintf(set_uid, sizeof set_uid, "%s/set-uid", folder);
  copy_own_program(plain, 0755);
  copy_own_program(set_uid, 04755);
  int seen_by_plain = probe(plain), seen_by_set_uid = probe(set_uid);
  unlink(plain);
  unlink(set_uid);
  rmdir(folder);
  assert_int_equal(seen_by_plain, 9);
  assert_int_equal(seen_by_set_uid, 0);
}

int main(int count, char **arguments) {
  if (count > 1 && strcmp(arguments[1], "probe") == 0) {
    options_read();
    return (int)options.stress;
  }
  const struct CMUnitTest options_tests[] = {
    cmocka_unit_test(without_the_variable_options_have_their_defaults),
    cmocka_unit_test(each_option_sets_its_own_field_alone),
    cmocka_unit_test(a_name_alone_means_one),
    cmocka_unit_test(commas_spaces_and_colons_separate),
    cmocka_unit_test(the_last_word_for_an_option_wins),
    cmocka_unit_test(sizes_take_suffixes_of_either_case),
    cmocka_unit_test(both_ends_of_a_range_are_in_it),
    cmocka_unit_test(a_bad_word_gives_one_line_that_quotes_it_and_exit_2),
    cmocka_unit_test(a_bad_word_after_good_ones_is_found),
    cmocka_unit_test(a_word_of_any_length_is_refused_in_one_line),
    cmocka_unit_test(help_prints_every_option_and_exits_0),
    cmocka_unit_test(a_set_uid_program_ignores_the_variable),
  };
  return cmocka_run_group_tests_name("options", options_tests, NULL, NULL);
}
