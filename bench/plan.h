// plan.h -- what is measured, and what is expected of it
//
// A row is one workload with its arguments, run under each of its regimes.  A
// target compares two regimes of the rows of a workload.  Both are tables in
// plan.c and hold no results.
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>

enum regime {
  GLEANER_GC,
  GLEANER_MM,
  BDWGC,
  MIMALLOC,
  JEMALLOC,
  TCMALLOC,
  GLIBC,
  REGIMES,
  BEST_MALLOC,  // in a target: the fastest of the four mallocs above
};

extern const char *const regime_programs[REGIMES];
extern const char *const regime_columns[REGIMES];

enum {
  COLLECTORS = 1 << GLEANER_GC | 1 << BDWGC,
  MALLOCS =
    1 << GLEANER_MM | 1 << MIMALLOC | 1 << JEMALLOC | 1 << TCMALLOC | 1 << GLIBC
};

enum unit { UNIT_MS, UNIT_NS_PER_OP, UNIT_US };

enum clock { CLOCK_CPU, CLOCK_WALL };

struct row {
  const char *group;     // heading of the table it stands in
  const char *label;     // unique
  const char *workload;  // first argument of the programs
  const char *args[2];   // further ones, or NULL
  unsigned regimes;      // bit set
  enum unit unit;
  enum clock clock;    // judged by; threads that wait cost no CPU time
  unsigned repeat;     // runs = repeat * what the user asked for
  bool shows_memory;   // its peak is a figure, not the least of a process
  const char *env[2];  // name and value, set for this row, or NULL
};

// The row is timed from outside: fork, exec and exit of the program.
bool row_is_startup(const struct row *row);

extern const struct row plan_rows[];
extern const size_t plan_row_count;

enum quantity {
  TIME,   // ours / theirs, at most
  RSS,    // ours / theirs, at most
  ADDED,  // ours - theirs in microseconds, at most
  RATE,   // ours in MB/s, at least; theirs is not used
};

struct target {
  const char *workload;
  enum regime ours, theirs;
  enum quantity quantity;
  double target;  // what this version is to reach; 0: nothing promised
  double goal;    // what the design is after; 0: none
};

extern const struct target plan_targets[];
extern const size_t plan_target_count;

#endif
