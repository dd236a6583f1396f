// options.c -- the table of options and its reader; see options.h

#include "base/options.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/format.h"
#include "base/settings.h"

#define EXIT_BAD_OPTION 2

struct options options = {
  .floor_bytes = PACING_FLOOR_BYTES,
  .decay_ms = PURGE_DECAY_MS,
  .manual_roots = 1,
  .huge_pages = 1,
};

struct option_row {
  const char *name;
  uint64_t *value;
  uint64_t low, high;   // the range allowed
  const char *meaning;
};

static const struct option_row table[] = {
  { "verbose", &options.verbose, 0, 1,
    "a line per collection: number, cause, pause, live, heap" },
  { "stress", &options.stress, 0, UINT32_MAX,
    "collect at every N-th allocation" },
  { "verify", &options.verify, 0, 1,
    "check the whole heap after every collection" },
  { "poison", &options.poison, 0, 1, "fill what is freed or swept" },
  { "fail", &options.fail, 0, UINT32_MAX,
    "let the N-th request to the kernel for memory fail" },
  { "growth", &options.growth_percent, 0, 10000,
    "collect when this share of the live bytes was allocated, in per cent; "
    "0: by the size of the heap" },
  { "floor", &options.floor_bytes, 4096, (uint64_t)1 << 40,
    "bytes allocated between two collections, at least" },
  { "limit", &options.limit_bytes, 0, (uint64_t)1 << 46,
    "largest heap in bytes, 0 for none" },
  { "decay", &options.decay_ms, 0, 3600000,
    "milliseconds until a free page goes back to the kernel" },
  { "signal", &options.signal, 0, 64,
    "number of the signal that stops threads, 0 for the default" },
  { "manual_roots", &options.manual_roots, 0, 1,
    "pointers in manual memory keep their targets alive" },
  { "huge_pages", &options.huge_pages, 0, 1,
    "ask for huge pages once the heap is large" },
  { "disable", &options.disable, 0, 1, "start with collections forbidden" },
};

#define ROWS (sizeof table / sizeof table[0])

struct word {
  const char *at;
  size_t length;
};

_Noreturn static void refuse(struct word word, const char *why) {
  char text[128];
  size_t length = word.length < sizeof text ? word.length : sizeof text - 1;
  memcpy(text, word.at, length);
  text[length] = '\0';
  print_line("GLEANER_OPTIONS: '%s' %s; GLEANER_OPTIONS=help lists them", text,
             why);
  _exit(EXIT_BAD_OPTION);
}

_Noreturn static void print_table(void) {
  print_to(STDOUT_FILENO, "GLEANER_OPTIONS=name,name=value,...\n");
  for (size_t i = 0; i < ROWS; i++)
    print_to(STDOUT_FILENO, "  %s=N\n      %s (%lu to %lu; now %lu)\n",
             table[i].name, table[i].meaning, (unsigned long)table[i].low,
             (unsigned long)table[i].high, (unsigned long)*table[i].value);
  print_to(STDOUT_FILENO, "  help\n      print this table and exit\n"
                          "A name alone means 1.  Sizes take k, m or g.\n");
  _exit(EXIT_SUCCESS);
}

static bool is_separator(char c) { return c == ',' || c == ' ' || c == ':'; }

static bool equals(struct word word, const char *name) {
  return strlen(name) == word.length && !memcmp(word.at, name, word.length);
}

static const struct option_row *find_row(struct word name) {
  for (size_t i = 0; i < ROWS; i++)
    if (equals(name, table[i].name))
      return &table[i];
  return NULL;
}

static unsigned suffix_shift(char c) {
  switch (c | 0x20) {
  case 'k': return 10;
  case 'm': return 20;
  case 'g': return 30;
  default: return 0;
  }
}

// Digits and perhaps a suffix, nothing else; false when it is no such number.
static bool read_number(struct word digits, uint64_t *value) {
  uint64_t n = 0;
  size_t i = 0;
  for (; i < digits.length && digits.at[i] >= '0' && digits.at[i] <= '9'; i++)
    if (__builtin_mul_overflow(n, 10, &n)
        || __builtin_add_overflow(n, (uint64_t)(digits.at[i] - '0'), &n))
      return false;
  if (i == 0)
    return false;
  if (i < digits.length) {
    unsigned shift = suffix_shift(digits.at[i++]);
    if (shift == 0 || i < digits.length || n > UINT64_MAX >> shift)
      return false;
    n <<= shift;
  }
  *value = n;
  return true;
}

// SIGKILL and SIGSTOP take no handler, and two are libc's own.
static bool is_signal_to_handle(uint64_t signal) {
  return signal != SIGKILL && signal != SIGSTOP
         && (signal < 32 || signal >= (uint64_t)SIGRTMIN);
}

static void read_word(struct word word) {
  const char *equal = memchr(word.at, '=', word.length);
  struct word name = { word.at,
                       equal ? (size_t)(equal - word.at) : word.length };
  if (!equal && equals(name, "help"))
    print_table();
  const struct option_row *row = find_row(name);
  if (!row)
    refuse(word, "is no option");
  uint64_t value = 1;
  if (equal) {
    size_t used = name.length + 1;
    struct word digits = { word.at + used, word.length - used };
    if (!read_number(digits, &value))
      refuse(word, "wants a number");
  }
  if (value < row->low || value > row->high)
    refuse(word, "is out of range");
  if (row->value == &options.signal && !is_signal_to_handle(value))
    refuse(word, "is no signal that a handler can take");
  *row->value = value;
}

void options_read(void) {
  const char *at = secure_getenv("GLEANER_OPTIONS");
  while (at && *at) {
    struct word word = { at, 0 };
    while (at[word.length] && !is_separator(at[word.length]))
      word.length++;
    if (word.length > 0)
      read_word(word);
    at += word.length;
    at += *at != '\0';
  }
}
