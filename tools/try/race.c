/* race.c -- run Scheme programs under three memory regimes, side by side.
 *
 *     race SCHEME-DIR PROGRAMS-DIR [NAME...]
 *
 * Runs each PROGRAMS-DIR/NAME.scm by SCHEME-DIR/scheme-gc, then by its twins
 * that never free anything, and compares what they print with NAME.expected.
 * While one runs, its resident memory is read from /proc every few
 * milliseconds; a row of the table draws it as a curve.  On a terminal one
 * live line shows the run in progress.
 *
 * A run that would take the machine down is stopped: at MEMORY_SHARE per cent
 * of the memory that is free, or at MEMORY_LIMIT_BYTES.  Never freeing is
 * expected to end like that; it is no wrong answer.  Under the collector it
 * is.
 *
 * Exit status: 0 if every answer was right, 1 if not, 2 if nothing could run.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  REGIMES = 3,
  SAMPLES = 1024,          // kept of one run; then every second one goes
  SAMPLE_MS = 2,           // between the first samples
  LIVE_LINE_MS = 80,       // between two states of the live line
  RUN_SECONDS = 60,        // allowed for one run
  MEMORY_SHARE = 60,       // per cent of free memory allowed for one run
  OUTPUT_BYTES = 1 << 22,  // kept of what a run prints
  CURVE_MAX = 16,          // columns
  TITLE_MAX = 40
};

static const uint64_t MEMORY_LIMIT_BYTES = UINT64_C(4) << 30;

/* ---- What is measured --------------------------------------------------- */

struct regime {
  const char *binary;
  const char *allocator;
  const char *fate;
};

static const struct regime regimes[REGIMES] = {
  { "scheme-gc", "gc_malloc", "collected" },
  { "scheme-mm-leaky", "mm_malloc", "never freed" },
  { "scheme-libc-leaky", "malloc", "never freed" },
};

enum outcome { RIGHT, WRONG, CRASHED, OUT_OF_MEMORY, OUT_OF_TIME, ABSENT };

// Resident bytes over time, evenly spaced; at most SAMPLES of them.
struct curve {
  uint64_t bytes[SAMPLES];
  size_t count;
  uint64_t interval_ns;
  uint64_t next_ns;  // when the next sample is due
};

struct text {
  char *bytes;
  size_t length;
};

struct run {
  enum outcome outcome;
  double seconds;
  uint64_t peak_bytes;
  struct curve curve;
  struct text output;
  struct text errors;
  int wait_status;
  bool has_stats;
  uint64_t collections;
  uint64_t longest_pause_ns;
};

// Where the table goes, and how much of it fits.
struct layout {
  bool is_terminal;
  bool has_colour;
  bool has_unicode;
  enum { ROOMY, COMPACT, STACKED } style;
  int columns;
  int name_columns;
  int curve_columns;
};

static struct layout layout;

/* ---- Small helpers ------------------------------------------------------ */

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

_Noreturn static void give_up(const char *what, const char *name) {
  fprintf(stderr, "race: %s %s: %s\n", what, name, strerror(errno));
  exit(2);
}

static void *allocate(void *old, size_t bytes) {
  void *block = realloc(old, bytes);
  if (!block)
    give_up("cannot allocate", "memory");
  return block;
}

__attribute__((format(printf, 1, 2))) static char *format(const char *how,
                                                          ...) {
  va_list arguments;
  char *result;
  va_start(arguments, how);
  int length = vasprintf(&result, how, arguments);
  va_end(arguments);
  if (length < 0)
    give_up("cannot allocate", "memory");
  return result;
}

// The whole of a small file; length 0 and NULL if it cannot be read.
static struct text read_whole_file(const char *path) {
  struct text text = { NULL, 0 };
  FILE *file = fopen(path, "re");
  if (!file)
    return text;
  text.bytes = allocate(NULL, OUTPUT_BYTES + 1);
  text.length = fread(text.bytes, 1, OUTPUT_BYTES, file);
  text.bytes[text.length] = 0;
  fclose(file);
  return text;
}

// The number behind `key` in `path`, or `otherwise`.
static uint64_t read_number(const char *path, const char *key,
                            uint64_t otherwise) {
  struct text text = read_whole_file(path);
  uint64_t number = otherwise;
  char *at = text.bytes ? strstr(text.bytes, key) : NULL;
  if (at) {
    char *end;
    at += strlen(key);
    unsigned long long parsed = strtoull(at, &end, 10);
    if (end != at)
      number = parsed;
  }
  free(text.bytes);
  return number;
}

/* ---- Memory guard ------------------------------------------------------- */

// What the control group of this process still allows, UINT64_MAX if it does
// not say.  Version 2 at the usual mount point, then version 1.
static uint64_t control_group_free_bytes(void) {
  static const char *const files[][2] = {
    { "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current" },
    { "/sys/fs/cgroup/memory/memory.limit_in_bytes",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes" },
  };
  for (size_t i = 0; i < 2; i++) {
    uint64_t limit = read_number(files[i][0], "", UINT64_MAX);
    uint64_t used = read_number(files[i][1], "", 0);
    if (limit != UINT64_MAX)
      return limit > used ? limit - used : 0;
  }
  return UINT64_MAX;
}

static uint64_t run_limit_bytes(void) {
  uint64_t free_bytes =
    read_number("/proc/meminfo", "MemAvailable:", UINT64_MAX / 1024) * 1024;
  uint64_t group_bytes = control_group_free_bytes();
  if (group_bytes < free_bytes)
    free_bytes = group_bytes;
  uint64_t limit = free_bytes / 100 * MEMORY_SHARE;
  return limit < MEMORY_LIMIT_BYTES ? limit : MEMORY_LIMIT_BYTES;
}

/* ---- The memory curve --------------------------------------------------- */

static void curve_add(struct curve *curve, uint64_t bytes) {
  if (curve->count == SAMPLES) {
    for (size_t i = 0; i < SAMPLES / 2; i++) {
      uint64_t a = curve->bytes[2 * i], b = curve->bytes[2 * i + 1];
      curve->bytes[i] = a > b ? a : b;
    }
    curve->count = SAMPLES / 2;
    curve->interval_ns *= 2;
  }
  curve->bytes[curve->count++] = bytes;
}

// Highest sample of column `column` among `columns`.
static uint64_t curve_at(const struct curve *curve, int column, int columns) {
  size_t from = curve->count * (size_t)column / (size_t)columns;
  size_t to = curve->count * (size_t)(column + 1) / (size_t)columns;
  uint64_t highest = 0;
  for (size_t i = from; i < curve->count && (i < to || i == from); i++)
    if (curve->bytes[i] > highest)
      highest = curve->bytes[i];
  return highest;
}

static void print_curve(const struct curve *curve, uint64_t full_bytes,
                        int columns) {
  static const char *const blocks[] = {
    "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"
  };
  static const char *const plain[] = { "_", "_", ".", ".", "-", "-", "=", "#" };
  for (int i = 0; i < columns; i++) {
    uint64_t bytes = curve_at(curve, i, columns);
    uint64_t level = full_bytes ? bytes * 8 / full_bytes : 0;
    if (level > 7)
      level = 7;
    fputs(layout.has_unicode ? blocks[level] : plain[level], stdout);
  }
}

/* ---- The live line ------------------------------------------------------ */

static void live_line_clear(void) {
  if (layout.is_terminal)
    fputs("\r\033[K", stdout);
}

static void live_line_show(const char *name, int regime, const struct run *run,
                           uint64_t elapsed_ns) {
  if (!layout.is_terminal)
    return;
  uint64_t now_bytes =
    run->curve.count ? run->curve.bytes[run->curve.count - 1] : 0;
  live_line_clear();
  printf("  %-*.*s  %-9s %5.1f s %6.0f MB  ", layout.name_columns,
         layout.name_columns, name, regimes[regime].allocator,
         (double)elapsed_ns / 1e9, (double)now_bytes / 1e6);
  int columns = layout.columns - layout.name_columns - 34;
  if (columns > CURVE_MAX)
    columns = CURVE_MAX;
  print_curve(&run->curve, run->peak_bytes, columns);
  fflush(stdout);
}

/* ---- One run ------------------------------------------------------------ */

_Noreturn static void exec_child(const char *binary, const char *program,
                                 bool wants_stats, int out, int err) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int in = open("/dev/null", O_RDONLY);
  if (in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
    _exit(126);
  if (wants_stats)
    execl(binary, binary, "--stats", program, (char *)NULL);
  else
    execl(binary, binary, program, (char *)NULL);
  dprintf(2, "cannot run %s: %s\n", binary, strerror(errno));
  _exit(127);
}

// Take what the pipe holds; false at its end.
static bool drain(int fd, struct text *text) {
  char dropped[4096];
  for (;;) {
    size_t room = OUTPUT_BYTES - text->length;
    ssize_t got = room ? read(fd, text->bytes + text->length, room)
                       : read(fd, dropped, sizeof dropped);
    if (got > 0)
      text->length += room ? (size_t)got : 0;
    else if (got == 0)
      return false;
    else if (errno != EINTR)
      return errno == EAGAIN;
  }
}

static uint64_t resident_bytes(int statm) {
  char text[128];
  ssize_t got = pread(statm, text, sizeof text - 1, 0);
  if (got <= 0)
    return 0;
  text[got] = 0;
  char *second = strchr(text, ' ');
  return second ? strtoull(second, NULL, 10) * (uint64_t)getpagesize() : 0;
}

static void sample(struct run *run, int statm, uint64_t elapsed_ns) {
  if (elapsed_ns < run->curve.next_ns)
    return;
  uint64_t bytes = resident_bytes(statm);
  if (bytes) {
    curve_add(&run->curve, bytes);
    if (bytes > run->peak_bytes)
      run->peak_bytes = bytes;
  }
  run->curve.next_ns = elapsed_ns + run->curve.interval_ns;
}

// Follow the child until it has ended, by itself or because it must.
static void watch(struct run *run, pid_t child, int out, int err,
                  const char *name, int regime, uint64_t limit_bytes) {
  char *path = format("/proc/%d/statm", (int)child);
  int statm = open(path, O_RDONLY | O_CLOEXEC);
  free(path);

  uint64_t start_ns = now_ns(), shown_ns = 0;
  struct pollfd pipes[2] = { { out, POLLIN, 0 }, { err, POLLIN, 0 } };
  struct rusage usage;
  while (wait4(child, &run->wait_status, WNOHANG, &usage) == 0) {
    uint64_t elapsed_ns = now_ns() - start_ns;
    sample(run, statm, elapsed_ns);
    if (run->outcome == RIGHT && run->peak_bytes > limit_bytes) {
      run->outcome = OUT_OF_MEMORY;
      kill(child, SIGKILL);
    } else if (run->outcome == RIGHT
               && elapsed_ns > RUN_SECONDS * UINT64_C(1000000000)) {
      run->outcome = OUT_OF_TIME;
      kill(child, SIGKILL);
    }
    if (elapsed_ns - shown_ns > LIVE_LINE_MS * UINT64_C(1000000)) {
      live_line_show(name, regime, run, elapsed_ns);
      shown_ns = elapsed_ns;
    }
    bool both_closed = pipes[0].fd < 0 && pipes[1].fd < 0;
    if (poll(pipes, 2, both_closed ? 1 : SAMPLE_MS) <= 0)
      continue;
    if (pipes[0].revents && !drain(out, &run->output))
      pipes[0].fd = -1;
    if (pipes[1].revents && !drain(err, &run->errors))
      pipes[1].fd = -1;
  }
  run->seconds = (double)(now_ns() - start_ns) / 1e9;
  drain(out, &run->output);
  drain(err, &run->errors);
  run->output.bytes[run->output.length] = 0;
  run->errors.bytes[run->errors.length] = 0;
  uint64_t maximum_bytes = (uint64_t)usage.ru_maxrss * 1024;
  if (maximum_bytes > run->peak_bytes)
    run->peak_bytes = maximum_bytes;
  close(statm);
}

// The last `key` in what was printed on stderr, followed by a number.
static bool find_stat(const char *text, const char *key, uint64_t *number) {
  const char *last = NULL;
  for (const char *at = text; (at = strstr(at, key)); at++)
    last = at;
  if (!last)
    return false;
  *number = strtoull(last + strlen(key), NULL, 10);
  return true;
}

static void judge(struct run *run, struct text expected) {
  run->has_stats =
    find_stat(run->errors.bytes, "collections=", &run->collections)
    && find_stat(run->errors.bytes, "pause_max_ns=", &run->longest_pause_ns);
  if (run->outcome != RIGHT)
    return;
  if (!WIFEXITED(run->wait_status) || WEXITSTATUS(run->wait_status))
    run->outcome = CRASHED;
  else if (!expected.bytes || expected.length != run->output.length
           || memcmp(expected.bytes, run->output.bytes, expected.length))
    run->outcome = WRONG;
}

static void run_program(struct run *run, const char *scheme_dir,
                        const char *program, const char *name, int regime,
                        struct text expected, uint64_t limit_bytes) {
  char *binary = format("%s/%s", scheme_dir, regimes[regime].binary);
  int out[2], err[2];
  *run = (struct run){ .outcome = ABSENT };
  run->curve.interval_ns = SAMPLE_MS * UINT64_C(1000000);
  run->output.bytes = allocate(NULL, OUTPUT_BYTES + 1);
  run->errors.bytes = allocate(NULL, OUTPUT_BYTES + 1);
  run->output.bytes[0] = run->errors.bytes[0] = 0;
  if (access(binary, X_OK) == 0) {
    run->outcome = RIGHT;
    if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
      give_up("no pipe for", binary);
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
      give_up("cannot fork for", binary);
    if (child == 0)
      exec_child(binary, program, regime == 0, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    fcntl(err[0], F_SETFL, O_NONBLOCK);
    watch(run, child, out[0], err[0], name, regime, limit_bytes);
    close(out[0]);
    close(err[0]);
    judge(run, expected);
  }
  free(binary);
}

static void run_finish(struct run *run) {
  free(run->output.bytes);
  free(run->errors.bytes);
}

// Did this run do what it should?  Running out is what never freeing leads to.
static bool run_is_good(const struct run *run, int regime) {
  return run->outcome == RIGHT
         || (regime > 0
             && (run->outcome == OUT_OF_MEMORY || run->outcome == ABSENT));
}

/* ---- The table ---------------------------------------------------------- */

static void colour(const char *code) {
  if (layout.has_colour)
    printf("\033[%sm", code);
}

static void print_mark(bool is_good) {
  colour(is_good ? "32" : "31");
  fputs(layout.has_unicode ? is_good ? "✓" : "✗" : is_good ? "+" : "X", stdout);
  colour("0");
}

// Columns of one regime: time, memory, curve, and what separates them.
static int group_columns(void) {
  return layout.style == ROOMY ? 7 + 2 + 7 + 2 + layout.curve_columns
                               : 5 + 1 + 5 + 1 + layout.curve_columns;
}

static const char *group_gap(void) {
  return layout.style == ROOMY ? "    " : " ";
}

static void print_rule(void) {
  int columns = 2 + layout.name_columns
                + REGIMES * (group_columns() + (int)strlen(group_gap()))
                + (layout.style == ROOMY ? 24 : 12);
  colour("2");
  for (int i = 0; i < columns; i++)
    fputs(layout.has_unicode ? "─" : "-", stdout);
  colour("0");
  putchar('\n');
}

static void print_header(void) {
  if (layout.style == STACKED)
    return;
  bool is_roomy = layout.style == ROOMY;
  printf("  %-*s", layout.name_columns, "");
  for (int i = 0; i < REGIMES; i++) {
    char title[TITLE_MAX];
    snprintf(title, sizeof title, "%s, %s", regimes[i].allocator,
             regimes[i].fate);
    // The longer title where it fits.
    if ((int)strlen(title) > group_columns())
      snprintf(title, sizeof title, "%s", regimes[i].allocator);
    colour("1");
    printf("%s%-*s", group_gap(), group_columns(), title);
    colour("0");
  }
  printf("\n  %-*s", layout.name_columns, "program");
  for (int i = 0; i < REGIMES; i++)
    printf(is_roomy ? "%s%7s  %7s  %-*s" : "%s%5s %5s %-*s", group_gap(),
           is_roomy ? "time" : "s", is_roomy ? "peak" : "MB",
           layout.curve_columns, is_roomy ? "memory" : "");
  puts(is_roomy ? "  collections  max pause" : "  gcs  pause");
  print_rule();
}

// "12 MB", "4.1 GB" in a static buffer of its own for each use.
static const char *memory_text(uint64_t bytes) {
  static char text[16];
  double megabytes = (double)bytes / 1e6;
  if (megabytes < 999.5)
    snprintf(text, sizeof text, "%.0f MB", megabytes);
  else
    snprintf(text, sizeof text, "%.1f GB", megabytes / 1000);
  return text;
}

static void print_time_and_peak(double seconds, uint64_t peak_bytes) {
  if (layout.style == COMPACT)
    printf("%5.2f %5.0f ", seconds, (double)peak_bytes / 1e6);
  else
    printf("%5.2f s  %7s  ", seconds, memory_text(peak_bytes));
}

static void print_run(const struct run *run, int regime, uint64_t full_bytes) {
  char why[48] = "";
  if (run->outcome == ABSENT)
    snprintf(why, sizeof why, "not built");
  else if (run->outcome == OUT_OF_MEMORY)
    snprintf(why, sizeof why, "out of memory at %s",
             memory_text(run->peak_bytes));
  else if (run->outcome == OUT_OF_TIME)
    snprintf(why, sizeof why, "stopped after %d s", RUN_SECONDS);
  int columns = group_columns();
  if (layout.style == COMPACT && run->outcome == OUT_OF_MEMORY) {
    printf("  oom %5.0f ", (double)run->peak_bytes / 1e6);
  } else if (why[0]) {
    colour("33");
    printf("%-*.*s", columns, columns, why);
    colour("0");
    return;
  } else {
    print_time_and_peak(run->seconds, run->peak_bytes);
  }
  colour(regime == 0 ? "32" : "33");
  print_curve(&run->curve, full_bytes, layout.curve_columns);
  colour("0");
}

static void print_collections(uint64_t collections, uint64_t pause_ns) {
  double milliseconds = (double)pause_ns / 1e6;
  if (layout.style == COMPACT)
    printf(" %4llu %6.2f", (unsigned long long)collections, milliseconds);
  else if (layout.style == ROOMY)
    printf("  %11llu  %6.2f ms", (unsigned long long)collections, milliseconds);
  else
    printf("\n  %llu collection%s, longest pause %.2f ms",
           (unsigned long long)collections, collections == 1 ? "" : "s",
           milliseconds);
}

static void print_row(const char *name, const struct run *runs, bool is_good) {
  uint64_t full_bytes = 0;
  for (int i = 0; i < REGIMES; i++)
    if (runs[i].peak_bytes > full_bytes)
      full_bytes = runs[i].peak_bytes;
  live_line_clear();
  print_mark(is_good);
  printf(" %-*.*s", layout.name_columns, layout.name_columns, name);
  for (int i = 0; i < REGIMES; i++) {
    if (layout.style == STACKED)
      printf("\n  %-9s  ", regimes[i].allocator);
    else
      fputs(group_gap(), stdout);
    print_run(&runs[i], i, full_bytes);
  }
  if (runs[0].has_stats)
    print_collections(runs[0].collections, runs[0].longest_pause_ns);
  putchar('\n');
  fflush(stdout);
}

struct total {
  double seconds;
  uint64_t peak_bytes;
};

static void print_legend(void) {
  if (layout.style == COMPACT)
    puts("Time in s and peak in MB, then memory over time; gcs: collections; "
         "pause:\nthe longest, in ms.");
  puts("Curves: memory over the time of a run; the three of a program share "
       "one scale.\n");
}

static void print_totals(const struct total *totals, const struct run *worst) {
  if (layout.style == STACKED)
    puts("All together:");
  else
    print_rule();
  printf("  %-*s", layout.style == STACKED ? 0 : layout.name_columns,
         layout.style == STACKED ? "" : "all");
  for (int i = 0; i < REGIMES; i++) {
    if (layout.style == STACKED)
      printf("%s%-9s  ", i ? "\n  " : "", regimes[i].allocator);
    else
      fputs(group_gap(), stdout);
    print_time_and_peak(totals[i].seconds, totals[i].peak_bytes);
    if (layout.style != STACKED)
      printf("%*s", layout.curve_columns, "");
  }
  if (worst->has_stats)
    print_collections(worst->collections, worst->longest_pause_ns);
  putchar('\n');
  print_legend();
}

/* ---- What went wrong ---------------------------------------------------- */

static int line_length(const char *line) { return (int)strcspn(line, "\n"); }

static void explain_difference(const char *wanted, const char *got) {
  unsigned line = 1;
  while (*wanted && *got) {
    int a = line_length(wanted), b = line_length(got);
    if (a != b || strncmp(wanted, got, (size_t)a))
      break;
    wanted += a + (wanted[a] == '\n');
    got += b + (got[b] == '\n');
    line++;
  }
  printf("    line %u should be \"%.*s\", is \"%.*s\"\n", line,
         line_length(wanted), wanted, line_length(got), got);
}

static void explain(const char *name, int regime, const struct run *run,
                    struct text expected) {
  printf("  %s under %s: ", name, regimes[regime].allocator);
  switch (run->outcome) {
  case WRONG:
    puts(expected.bytes ? "wrong answer" : "no answer to compare with");
    if (expected.bytes)
      explain_difference(expected.bytes, run->output.bytes);
    break;
  case CRASHED:
    if (WIFSIGNALED(run->wait_status))
      printf("killed by signal %d\n", WTERMSIG(run->wait_status));
    else
      printf("exit status %d\n", WEXITSTATUS(run->wait_status));
    break;
  case OUT_OF_MEMORY:
    printf("out of memory at %s\n", memory_text(run->peak_bytes));
    break;
  case OUT_OF_TIME: printf("not done after %d s\n", RUN_SECONDS); break;
  case ABSENT: puts("not built"); break;
  case RIGHT: break;
  }
  // A run that ended in order says nothing but its figures.
  if (run->errors.length && strncmp(run->errors.bytes, "stats ", 6))
    printf("    it said: %.*s\n", line_length(run->errors.bytes),
           run->errors.bytes);
}

/* ---- Choosing a layout -------------------------------------------------- */

static bool wants_unicode(void) {
  const char *locale = getenv("LC_ALL");
  if (!locale || !*locale)
    locale = getenv("LC_CTYPE");
  if (!locale || !*locale)
    locale = getenv("LANG");
  // Nothing said: nearly every terminal of today.
  return !locale || !*locale || strcasestr(locale, "utf-8")
         || strcasestr(locale, "utf8");
}

static int terminal_columns(void) {
  const char *text = getenv("COLUMNS");
  int columns = text ? atoi(text) : 0;
  struct winsize size;
  if (columns <= 0 && ioctl(1, TIOCGWINSZ, &size) == 0)
    columns = size.ws_col;
  return columns > 0 ? columns : 120;
}

static void choose_layout(char *const *names, size_t count) {
  const char *terminal = getenv("TERM");
  layout.is_terminal = isatty(1) && terminal && strcmp(terminal, "dumb") != 0;
  layout.has_colour = layout.is_terminal && !getenv("NO_COLOR");
  layout.has_unicode = wants_unicode();
  layout.columns = terminal_columns();
  layout.name_columns = 7;
  for (size_t i = 0; i < count; i++)
    if ((int)strlen(names[i]) > layout.name_columns)
      layout.name_columns = (int)strlen(names[i]);
  if (layout.name_columns > 14)
    layout.name_columns = 14;

  // What is left for the three curves, in the roomiest style that has room.
  static const struct {
    int style, fixed, least;
  } styles[] = {
    { ROOMY, 2 + 3 * (4 + 18) + 24, 6 },
    { COMPACT, 2 + 3 * (1 + 12) + 12, 4 },
  };
  layout.style = STACKED;
  layout.curve_columns = layout.columns - 33;
  for (size_t i = 2; i-- > 0;) {
    int left =
      (layout.columns - styles[i].fixed - layout.name_columns) / REGIMES;
    if (left >= styles[i].least) {
      layout.style = styles[i].style;
      layout.curve_columns = left;
    }
  }
  if (layout.curve_columns > CURVE_MAX)
    layout.curve_columns = CURVE_MAX;
  if (layout.curve_columns < 1)
    layout.curve_columns = 1;
}

/* ---- All of it ---------------------------------------------------------- */

static int compare_names(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

// Names of the programs in `dir`, without ".scm", sorted.
static char **list_programs(const char *dir, size_t *count) {
  char **names = NULL;
  DIR *stream = opendir(dir);
  if (!stream)
    give_up("cannot read", dir);
  *count = 0;
  for (struct dirent *entry; (entry = readdir(stream));) {
    size_t length = strlen(entry->d_name);
    if (length <= 4 || strcmp(entry->d_name + length - 4, ".scm"))
      continue;
    names = allocate(names, (*count + 1) * sizeof *names);
    names[(*count)++] = format("%.*s", (int)length - 4, entry->d_name);
  }
  closedir(stream);
  qsort(names, *count, sizeof *names, compare_names);
  return names;
}

static void add_to_totals(struct total *totals, struct run *worst,
                          const struct run *runs) {
  for (int i = 0; i < REGIMES; i++) {
    totals[i].seconds += runs[i].seconds;
    if (runs[i].peak_bytes > totals[i].peak_bytes)
      totals[i].peak_bytes = runs[i].peak_bytes;
  }
  worst->has_stats |= runs[0].has_stats;
  worst->collections += runs[0].collections;
  if (runs[0].longest_pause_ns > worst->longest_pause_ns)
    worst->longest_pause_ns = runs[0].longest_pause_ns;
}

struct failure {
  char *name;
  int regime;
  struct run run;
  struct text expected;
};

int main(int argc, char **argv) {
  if (argc < 3) {
    fputs("usage: race SCHEME-DIR PROGRAMS-DIR [NAME...]\n", stderr);
    return 2;
  }
  size_t count = (size_t)argc - 3;
  char **names = argc > 3 ? argv + 3 : list_programs(argv[2], &count);
  if (count == 0) {
    fprintf(stderr, "race: no programs in %s\n", argv[2]);
    return 2;
  }
  choose_layout(names, count);
  print_header();

  static struct run runs[REGIMES], worst;
  struct total totals[REGIMES] = { 0 };
  struct failure *failures = NULL;
  size_t failure_count = 0, right_count = 0;
  for (size_t i = 0; i < count; i++) {
    char *program = format("%s/%s.scm", argv[2], names[i]);
    char *answer = format("%s/%s.expected", argv[2], names[i]);
    struct text expected = read_whole_file(answer);
    bool is_good = true;
    for (int j = 0; j < REGIMES; j++) {
      run_program(&runs[j], argv[1], program, names[i], j, expected,
                  run_limit_bytes());
      is_good &= run_is_good(&runs[j], j);
    }
    print_row(names[i], runs, is_good);
    add_to_totals(totals, &worst, runs);
    right_count += is_good;
    for (int j = 0; j < REGIMES; j++) {
      if (run_is_good(&runs[j], j)) {
        run_finish(&runs[j]);
        continue;
      }
      failures = allocate(failures, (failure_count + 1) * sizeof *failures);
      failures[failure_count++] =
        (struct failure){ names[i], j, runs[j], expected };
    }
    free(program);
    free(answer);
  }
  print_totals(totals, &worst);

  for (size_t i = 0; i < failure_count; i++)
    explain(failures[i].name, failures[i].regime, &failures[i].run,
            failures[i].expected);
  printf("%zu of %zu programs gave the right answer in every regime.\n",
         right_count, count);
  return failure_count > 0;
}
