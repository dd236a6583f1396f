// main.c -- the program of one regime: picks the workload named by argv[1]
//
//     bench/mimalloc binary-trees 18
//     bench/mimalloc whoami
//
// `whoami` prints which shared object serves the regime's allocation function
// and fails when it is not the library that the regime is named after: linking
// is easily got wrong, and then one compares a library with itself.

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "regime.h"
#include "workload.h"

static uint64_t clock_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct stopwatch stopwatch_start(void) {
  return (struct stopwatch){ .cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID),
                             .wall_ns = clock_ns(CLOCK_MONOTONIC) };
}

struct stopwatch stopwatch_stop(struct stopwatch start) {
  struct stopwatch now = stopwatch_start();
  return (struct stopwatch){ .cpu_ns = now.cpu_ns - start.cpu_ns,
                             .wall_ns = now.wall_ns - start.wall_ns };
}

void report(const struct result *result) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("workload=%s regime=%s cpu_ns=%" PRIu64 " wall_ns=%" PRIu64
         " rss_kib=%ld ops=%" PRIu64 " ns_per_op=%.2f bytes=%" PRIu64
         " check=%" PRIu64 "\n",
         result->workload, MEM_NAME, result->time.cpu_ns, result->time.wall_ns,
         usage.ru_maxrss, result->ops,
         result->ops ? (double)result->time.cpu_ns / (double)result->ops : 0,
         result->bytes, result->check);
}

void fail(const char *what) {
  fprintf(stderr, "bench/%s: %s\n", MEM_NAME, what);
  exit(2);
}

uint64_t argument_number(int argc, char **argv, int index, uint64_t fallback) {
  if (index >= argc)
    return fallback;
  char *end;
  uint64_t number = strtoull(argv[index], &end, 10);
  if (end == argv[index] || *end)
    fail("an argument is not a number");
  return number;
}

static int run_whoami(int argc, char **argv) {
  (void)argc, (void)argv;
  Dl_info info;
  void *address = dlsym(RTLD_DEFAULT, MEM_SYMBOL);
  if (!address || !dladdr(address, &info))
    fail("nobody serves " MEM_SYMBOL);
  printf("regime=%s symbol=%s object=%s\n", MEM_NAME, MEM_SYMBOL,
         info.dli_fname);
  if (!strstr(info.dli_fname, MEM_OBJECT))
    fail(MEM_SYMBOL " does not come from " MEM_OBJECT);
  return 0;
}

static const struct {
  const char *name;
  int (*run)(int argc, char **argv);
} workloads[] = {
  { "startup", run_startup },           { "whoami", run_whoami },
  { "gcbench", run_gcbench },           { "mt-gcbench", run_mt_gcbench },
  { "binary-trees", run_binary_trees }, { "malloc-micro", run_malloc_micro },
  { "cross-thread", run_cross_thread }, { "mark-graph", run_mark_graph },
  { "alloc-die", run_alloc_die },
};

int main(int argc, char **argv) {
  size_t count = sizeof workloads / sizeof workloads[0];
  mem_init();
  for (size_t i = 0; argc > 1 && i < count; i++)
    if (!strcmp(argv[1], workloads[i].name))
      return workloads[i].run(argc - 2, argv + 2);
  fprintf(stderr, "usage: %s WORKLOAD [ARGUMENT...], WORKLOAD one of:", *argv);
  for (size_t i = 0; i < count; i++)
    fprintf(stderr, " %s", workloads[i].name);
  fputc('\n', stderr);
  return 2;
}
