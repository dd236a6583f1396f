// bench.c -- the driver: runs the plan, competitors interleaved run by run
//
//     bench [-n RUNS] [-d DIR] [-o FILE.tsv] [-r REGIME,...] [WORKLOAD...]
//
//   -n   runs of each row and regime; medians are taken (default 5)
//   -d   folder of the programs, one a regime (default: the driver's own)
//   -o   write the figures to FILE.tsv as well
//   -r   only these regimes
//   WORKLOAD   only these.  WORKLOAD=ARGUMENT chooses among the rows of a
//              workload (malloc-micro=pair, alloc-die=16), or replaces the
//              argument of one that has a single row (binary-trees=16)
//
// A machine that is shared with others is slower for seconds at a time.  So
// the regimes take turns: run 1 of each, run 2 of each, ..., each turn starting
// with another one, and what is slow is slow for all.
//
// A program that is missing was not built, and its column stays empty.  Exit
// status: 0; 1 if a program failed or its answer differed; 2 for wrong usage.

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "child.h"
#include "plan.h"
#include "report.h"

enum { SECONDS_MAX = 300, LINE_MAX_BYTES = 1024 };

static struct {
  unsigned runs;
  const char *directory;
  const char *tsv;
  unsigned regimes;  // bit set: wanted, and the program is there
  char **workloads;  // wanted, or NULL: all
  int workload_count;
  bool failed;
} driver = { .runs = 5, .regimes = (1u << REGIMES) - 1 };

// ---- Choosing ---------------------------------------------------------------

static unsigned rows_of(const char *workload) {
  unsigned count = 0;
  for (size_t i = 0; i < plan_row_count; i++)
    count += !strcmp(plan_rows[i].workload, workload);
  return count;
}

// Does `wanted`, a word of the command line, choose `row`?  *argument becomes
// what replaces the row's own first argument, or NULL.
static bool chooses(const char *wanted, const struct row *row,
                    const char **argument) {
  size_t length = strlen(row->workload);
  *argument = NULL;
  if (strncmp(wanted, row->workload, length))
    return false;
  if (wanted[length] != '=')
    return wanted[length] == '\0';
  if (row->args[0] && !strcmp(wanted + length + 1, row->args[0]))
    return true;
  *argument = wanted + length + 1;
  return rows_of(row->workload) == 1;
}

static bool is_wanted(const struct row *row, const char **argument) {
  *argument = NULL;
  for (int i = 0; i < driver.workload_count; i++)
    if (chooses(driver.workloads[i], row, argument))
      return true;
  return driver.workload_count == 0;
}

// The program of `regime`; the text is overwritten by the next call.
static char *program(unsigned regime) {
  static char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", driver.directory,
           regime_programs[regime]);
  return path;
}

// ---- Running ----------------------------------------------------------------

static void complain(const struct row *row, unsigned regime, int outcome) {
  driver.failed = true;
  fprintf(stderr, "\n%s under %s: ", row->label, regime_programs[regime]);
  if (outcome < 0)
    fprintf(stderr, "did not start: %s\n", strerror(-outcome));
  else if (outcome > 256)
    fprintf(stderr, "signal %d\n", outcome - 256);
  else if (outcome > 0)
    fprintf(stderr, "exit status %d\n", outcome);
  else
    fprintf(stderr, "no result in what it printed, or a wrong one\n");
}

static bool run_once(const struct row *row, const char *argument,
                     unsigned regime, struct sample *sample) {
  char text[LINE_MAX_BYTES];
  char *argv[5] = { program(regime), (char *)row->workload };
  argv[2] = (char *)(argument ? argument : row->args[0]);
  argv[3] = (char *)(argv[2] ? row->args[1] : NULL);
  int outcome = row_is_startup(row)
                  ? child_time(argv, sample)
                  : child_run(argv, text, sizeof text, SECONDS_MAX);
  if (outcome == 0 && (row_is_startup(row) || child_parse(text, sample)))
    return true;
  complain(row, regime, outcome);
  return false;
}

static void run_into(const struct row *row, const char *argument,
                     struct series *series, unsigned regime) {
  struct sample *sample = &series->samples[series->count];
  if (run_once(row, argument, regime, sample))
    series->count++;
  else
    series->failed = true;
}

// Room for what will be run, and no more: see child.c on peak memory.
static void prepare(const struct row *row, struct series *all, unsigned runs) {
  for (unsigned r = 0; r < REGIMES; r++) {
    if (!((row->regimes & driver.regimes) >> r & 1))
      continue;
    all[r].samples = calloc(runs, sizeof *all[r].samples);
    if (!all[r].samples)
      abort();
  }
}

// The same work gives the same answer under every regime.
static void compare_answers(const struct row *row, struct series *all) {
  const struct sample *first = NULL;
  for (unsigned r = 0; r < REGIMES; r++) {
    if (!all[r].count)
      continue;
    if (!first)
      first = all[r].samples;
    for (unsigned i = 0; i < all[r].count; i++)
      if (all[r].samples[i].check != first->check) {
        complain(row, r, 0);
        all[r].failed = true;
        break;
      }
  }
}

static void show_progress(const struct row *row, unsigned run, unsigned runs) {
  bool is_terminal = isatty(STDERR_FILENO);
  if (is_terminal && run < runs)
    fprintf(stderr, "\r\033[K%s  %u of %u", row->label, run + 1, runs);
  else if (is_terminal)
    fprintf(stderr, "\r\033[K");
  else if (run == 0)
    fprintf(stderr, "%s\n", row->label);
}

static void run_row(const struct row *row, const char *argument,
                    struct series *all) {
  unsigned runs = driver.runs * row->repeat;
  if (runs > RUNS_MAX)
    runs = RUNS_MAX;
  if (row->env[0])
    setenv(row->env[0], row->env[1], 1);
  prepare(row, all, runs);
  for (unsigned run = 0; run < runs; run++) {
    show_progress(row, run, runs);
    for (unsigned turn = 0; turn < REGIMES; turn++) {
      unsigned regime = (run + turn) % REGIMES;
      if (all[regime].samples && !all[regime].failed)
        run_into(row, argument, &all[regime], regime);
    }
  }
  show_progress(row, runs, runs);
  if (row->env[0])
    unsetenv(row->env[0]);
  compare_answers(row, all);
}

// ---- Who takes part ---------------------------------------------------------

// Leaves out a program that is missing, or not served by its library.
static void meet(unsigned regime) {
  char text[LINE_MAX_BYTES];
  char *argv[] = { program(regime), (char *)"whoami", NULL };
  if (!(driver.regimes >> regime & 1))
    return;
  if (access(argv[0], X_OK)) {
    printf("  %-10s  not built\n", regime_programs[regime]);
    driver.regimes &= ~(1u << regime);
    return;
  }
  int outcome = child_run(argv, text, sizeof text, SECONDS_MAX);
  char *object = strstr(text, "object="), resolved[PATH_MAX];
  char *symbol = strstr(text, "symbol=");
  if (outcome || !object || !symbol) {
    fprintf(stderr, "%s: whoami failed\n", argv[0]);
    driver.failed = true;
    driver.regimes &= ~(1u << regime);
    return;
  }
  object += strlen("object=");
  object[strcspn(object, "\n")] = '\0';
  symbol += strlen("symbol=");
  symbol[strcspn(symbol, " ")] = '\0';
  const char *real = realpath(object, resolved) ? basename(resolved) : object;
  printf("  %-10s  %s of %s\n", regime_programs[regime], symbol, real);
}

// What stands behind `key` in a file of "key : value" lines, or the whole
// first line where key is NULL.
static void print_line_of(const char *path, const char *key,
                          const char *before) {
  char line[256];
  FILE *file = fopen(path, "re");
  if (!file)
    return;
  while (fgets(line, sizeof line, file))
    if (!key || !strncmp(line, key, strlen(key))) {
      const char *value = key ? strchr(line, ':') : NULL;
      printf("%s%s", before, value ? value + 2 : line);
      break;
    }
  fclose(file);
}

static void introduce(void) {
  struct utsname system;
  uname(&system);
  printf("%u runs of each, interleaved; medians.  %ld processors, %s %s %s\n",
         driver.runs, sysconf(_SC_NPROCESSORS_ONLN), system.sysname,
         system.release, system.machine);
  print_line_of("/proc/cpuinfo", "model name", "  processor   ");
  print_line_of("/sys/kernel/mm/transparent_hugepage/enabled", NULL,
                "  huge pages  ");
  for (unsigned r = 0; r < REGIMES; r++)
    meet(r);
  fflush(stdout);
}

// ---- Command line -----------------------------------------------------------

static _Noreturn void usage(void) {
  fputs("usage: bench [-n RUNS] [-d DIR] [-o FILE.tsv] [-r REGIME,...] "
        "[WORKLOAD[=ARGUMENT]...]\n",
        stderr);
  exit(2);
}

static void choose_regimes(char *names) {
  driver.regimes = 0;
  for (char *name = strtok(names, ", "); name; name = strtok(NULL, ", ")) {
    unsigned r = 0;
    while (r < REGIMES && strcmp(name, regime_programs[r]))
      r++;
    if (r == REGIMES) {
      fprintf(stderr, "bench: no regime is called %s\n", name);
      usage();
    }
    driver.regimes |= 1u << r;
  }
}

static bool is_workload(const char *wanted) {
  size_t length = strcspn(wanted, "=");
  for (size_t i = 0; i < plan_row_count; i++)
    if (strlen(plan_rows[i].workload) == length
        && !strncmp(plan_rows[i].workload, wanted, length))
      return true;
  return false;
}

static void read_arguments(int argc, char **argv) {
  static char own[PATH_MAX];
  snprintf(own, sizeof own, "%s", argv[0]);
  driver.directory = dirname(own);
  for (int option; (option = getopt(argc, argv, "n:d:o:r:")) != -1;) {
    if (option == 'n')
      driver.runs = (unsigned)strtoul(optarg, NULL, 10);
    else if (option == 'd')
      driver.directory = optarg;
    else if (option == 'o')
      driver.tsv = optarg;
    else if (option == 'r')
      choose_regimes(optarg);
    else
      usage();
  }
  if (driver.runs < 1 || driver.runs > RUNS_MAX)
    usage();
  driver.workloads = argv + optind;
  driver.workload_count = argc - optind;
  for (int i = optind; i < argc; i++)
    if (!is_workload(argv[i])) {
      fprintf(stderr, "bench: no workload is called %s\n", argv[i]);
      usage();
    }
}

static void write_tsv(const struct results *results) {
  FILE *file = fopen(driver.tsv, "we");
  if (!file) {
    fprintf(stderr, "bench: %s: %s\n", driver.tsv, strerror(errno));
    driver.failed = true;
    return;
  }
  report_tsv(file, results);
  fclose(file);
  printf("\nAll figures: %s\n", driver.tsv);
}

int main(int argc, char **argv) {
  read_arguments(argc, argv);
  struct results results = { .series = calloc(plan_row_count * REGIMES,
                                              sizeof *results.series) };
  if (!results.series)
    return 1;
  introduce();
  for (size_t i = 0; i < plan_row_count; i++) {
    const char *argument;
    if (is_wanted(&plan_rows[i], &argument))
      run_row(&plan_rows[i], argument, &results.series[i * REGIMES]);
  }
  report_tables(stdout, &results);
  if (driver.tsv)
    write_tsv(&results);
  return driver.failed;
}
