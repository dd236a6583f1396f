/* main.c -- the command line, files, and the interactive loop. */

#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_LIBEDIT
#include <editline/readline.h>
#endif

#include "compile.h"
#include "error.h"
#include "library.h"
#include "machine.h"
#include "port.h"
#include "print.h"
#include "reader.h"
#include "regime.h"

static struct {
  bool is_quiet, wants_stats;
  struct timespec start;
  struct port *errors;
} settings;

static const char usage[]
  = "Usage: scheme [OPTION]... [FILE]...\n"
    "Run Scheme programs; without a FILE, read expressions and print their\n"
    "values.\n"
    "\n"
    "  -e, --eval=EXPR      run EXPR, print its value\n"
    "  -q, --quiet          no greeting\n"
    "      --stats          at the end, print time and memory to stderr\n"
    "      --depth=MB       bound the memory for recursion (256)\n"
    "      --heap=MB        bound the heap\n"
    "  -h, --help           print this\n";

/* ---- Statistics --------------------------------------------------------- */

static void print_stats(void) {
  struct timespec now;
  struct rusage resources;
  clock_gettime(CLOCK_MONOTONIC, &now);
  getrusage(RUSAGE_SELF, &resources);
  long ms = (now.tv_sec - settings.start.tv_sec) * 1000
            + (now.tv_nsec - settings.start.tv_nsec) / 1000000;
  struct regime_stats stats = regime_stats();
  fflush(stdout);
  fprintf(stderr,
          "stats regime=%s ms=%ld peak_kb=%ld collections=%llu "
          "pause_max_ns=%llu allocated_bytes=%llu heap_bytes=%llu\n",
          regime_name(), ms, resources.ru_maxrss, stats.collections,
          stats.pause_max_ns, stats.allocated_bytes, stats.heap_bytes);
}

/* ---- Running ------------------------------------------------------------ */

static void report(value condition) {
  fflush(stdout);
  print_condition(settings.errors, condition, error_position());
}

enum outcome { RAN, FAILED, ENDED };

/* Read a form, run it, and print its value if that is wanted. */
static enum outcome run_form(struct port *port, bool prints) {
  struct catcher catcher;
  error_push_catcher(&catcher);
  if (setjmp(catcher.jump) != 0) {
    reader_forget_positions();
    return FAILED;
  }
  value form = reader_read(port);
  if (form == END_OF_FILE) {
    error_pop_catcher(&catcher);
    return ENDED;
  }
  value result = machine_execute(compile(form));
  reader_forget_positions();
  if (prints && result != UNSPECIFIED) {
    print_value(port_of(current_output()), result, true);
    port_write_char(port_of(current_output()), '\n');
  }
  error_pop_catcher(&catcher);
  return RAN;
}

/* All forms of `port`, up to the first that fails. */
static bool run_port(struct port *port, bool prints) {
  for (;;)
    switch (run_form(port, prints)) {
    case RAN: break;
    case ENDED: return true;
    case FAILED: report(error_condition()); return false;
    }
}

static bool run_text(const char *text) {
  return run_port(
    port_of(port_of_input_text("expression", text, strlen(text))), true);
}

static value open_file(const char *path) {
  struct catcher catcher;
  error_push_catcher(&catcher);
  if (setjmp(catcher.jump) != 0)
    return FALSE;
  value port = port_of_input_file(path);
  error_pop_catcher(&catcher);
  return port;
}

static bool run_file(const char *path) {
  value port = open_file(path);
  if (port == FALSE) {
    report(error_condition());
    return false;
  }
  return run_port(port_of(port), false);
}

/* ---- The interactive loop ----------------------------------------------- */

/* The next line, with its newline, or NULL at the end. */
static const char *read_input(const char *prompt) {
  static char line[4096];
#ifdef HAVE_LIBEDIT
  if (isatty(STDIN_FILENO)) {
    char *edited = readline(prompt);
    if (edited == NULL)
      return NULL;
    if (*edited != '\0')
      add_history(edited);
    snprintf(line, sizeof line, "%s\n", edited);
    free(edited); /* libedit's, not ours */
    return line;
  }
#endif
  if (isatty(STDIN_FILENO)) {
    fputs(prompt, stdout);
    fflush(stdout);
  }
  return fgets(line, sizeof line, stdin);
}

static bool is_incomplete(value condition) {
  return is_type(condition, T_ERROR)
         && is_string(error_of(condition)->message)
         && strcmp(string_of(error_of(condition)->message)->text,
                   reader_incomplete) == 0;
}

/* Run what is in `text`; false if it stops in the middle of a form. */
static bool run_input(struct port *text) {
  struct port *port
    = port_of(port_of_input_text("input", text->text, text->length));
  for (;;) {
    size_t before = port->offset;
    enum outcome outcome = run_form(port, true);
    fflush(stdout);
    if (outcome == RAN)
      continue;
    bool is_cut = outcome == FAILED && is_incomplete(error_condition());
    if (outcome == FAILED && !is_cut)
      report(error_condition());
    size_t rest = is_cut ? text->length - before : 0;
    memmove(text->text, text->text + text->length - rest, rest);
    text->length = rest;
    return !is_cut;
  }
}

static void interact(void) {
  if (!settings.is_quiet && isatty(STDIN_FILENO))
    printf("Scheme over the %s regime.  End with control-D.\n",
           regime_name());
  struct port *text = port_of(port_of_output_text());
  const char *prompt = "> ", *line;
  while ((line = read_input(prompt)) != NULL) {
    port_write_text(text, line);
    prompt = run_input(text) ? "> " : "  ";
  }
  if (isatty(STDIN_FILENO))
    putchar('\n');
}

/* ---- Starting ----------------------------------------------------------- */

static bool start(void) {
  struct catcher catcher;
  error_push_catcher(&catcher);
  if (setjmp(catcher.jump) != 0)
    return false;
  library_install();
  settings.errors = port_of(port_of_output_file(stderr, "stderr"));
  error_pop_catcher(&catcher);
  return true;
}

static size_t megabytes(const char *option, const char *text) {
  char *end;
  unsigned long long number = strtoull(text, &end, 10);
  if (*text == '\0' || *end != '\0' || number == 0 || number > 1u << 24) {
    fprintf(stderr, "scheme: --%s: not a number of megabytes: %s\n", option,
            text);
    exit(2);
  }
  return (size_t)number << 20;
}

enum { OPTION_STATS = 256, OPTION_DEPTH, OPTION_HEAP };

static const struct option options[] = {
  { "eval", required_argument, NULL, 'e' },
  { "quiet", no_argument, NULL, 'q' },
  { "help", no_argument, NULL, 'h' },
  { "stats", no_argument, NULL, OPTION_STATS },
  { "depth", required_argument, NULL, OPTION_DEPTH },
  { "heap", required_argument, NULL, OPTION_HEAP },
  { 0 },
};

/* Obey the options; expressions run at once.  Returns how many there were, or
 * -1 if one failed. */
static int run_options(int argc, char **argv) {
  int expressions = 0;
  for (int c; (c = getopt_long(argc, argv, "e:qh", options, NULL)) != -1;)
    switch (c) {
    case 'e':
      expressions++;
      if (!run_text(optarg))
        return -1;
      break;
    case 'q': settings.is_quiet = true; break;
    case 'h': fputs(usage, stdout); exit(0);
    case OPTION_STATS: settings.wants_stats = true; break;
    case OPTION_DEPTH: machine_set_limit(megabytes("depth", optarg)); break;
    case OPTION_HEAP:
      regime_set_heap_limit(megabytes("heap", optarg));
      break;
    default: fputs("Try --help.\n", stderr); exit(2);
    }
  return expressions;
}

static void at_exit(void) {
  fflush(stdout);
  if (settings.wants_stats)
    print_stats();
}

int main(int argc, char **argv) {
  setlocale(LC_CTYPE, "C.UTF-8");
  clock_gettime(CLOCK_MONOTONIC, &settings.start);
  atexit(at_exit);
  if (!start()) {
    fputs("scheme: cannot start\n", stderr);
    return 1;
  }
  int expressions = run_options(argc, argv);
  bool is_good = expressions >= 0;
  if (is_good && expressions == 0 && optind == argc)
    interact();
  for (; is_good && optind < argc; optind++)
    is_good = run_file(argv[optind]);
  return is_good ? 0 : 1;
}
