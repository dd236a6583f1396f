// plan.c -- the tables of plan.h
//
// mark-graph compares one marker with one marker: GC_MARKERS=1 keeps bdwgc
// from starting another (it does so only in programs with threads anyway).

#include "plan.h"

#include <string.h>

const char *const regime_programs[REGIMES] = {
  [GLEANER_GC] = "gleaner-gc", [GLEANER_MM] = "gleaner-mm",
  [BDWGC] = "bdwgc",           [MIMALLOC] = "mimalloc",
  [JEMALLOC] = "jemalloc",     [TCMALLOC] = "tcmalloc",
  [GLIBC] = "glibc",
};

const char *const regime_columns[REGIMES] = {
  [GLEANER_GC] = "gc_malloc", [GLEANER_MM] = "mm_malloc",
  [BDWGC] = "bdwgc",          [MIMALLOC] = "mimalloc",
  [JEMALLOC] = "jemalloc",    [TCMALLOC] = "tcmalloc",
  [GLIBC] = "glibc",
};

bool row_is_startup(const struct row *row) {
  return !strcmp(row->workload, "startup");
}

#define TREES(name, arg, heading, judged_by)                            \
  {                                                                     \
    .group = heading, .label = name, .workload = name, .args = { arg }, \
    .regimes = COLLECTORS | MALLOCS, .clock = judged_by, .repeat = 1,   \
    .shows_memory = true                                                \
  }

#define MICRO(pattern, size, name)                                             \
  {                                                                            \
    .group = "One malloc and its free", .label = pattern " " name,             \
    .workload = "malloc-micro", .args = { pattern, size }, .regimes = MALLOCS, \
    .unit = UNIT_NS_PER_OP, .repeat = 1,                                       \
    .shows_memory = sizeof pattern == sizeof "random"                          \
  }

#define CROSS(size, name)                                                 \
  {                                                                       \
    .group = "Allocated by one thread, freed by another",                 \
    .label = "cross " name, .workload = "cross-thread", .args = { size }, \
    .regimes = MALLOCS, .unit = UNIT_NS_PER_OP, .clock = CLOCK_WALL,      \
    .repeat = 1, .shows_memory = true                                     \
  }

#define DIE(size)                                                        \
  {                                                                      \
    .group = "Zeroed allocation, everything dies; mallocs free at once", \
    .label = "die " size, .workload = "alloc-die", .args = { size },     \
    .regimes = COLLECTORS | MALLOCS, .unit = UNIT_NS_PER_OP, .repeat = 1 \
  }

const struct row plan_rows[] = {
  TREES("gcbench", NULL, "Trees; collectors never free", CLOCK_CPU),
  TREES("binary-trees", "18", "Trees; collectors never free", CLOCK_CPU),
  TREES("mt-gcbench", "2", "The same in two threads", CLOCK_WALL),
  MICRO("pair", "16", "16"),
  MICRO("pair", "64", "64"),
  MICRO("pair", "256", "256"),
  MICRO("pair", "1024", "1024"),
  MICRO("pair", "0", "mixed"),
  MICRO("batch", "16", "16"),
  MICRO("batch", "64", "64"),
  MICRO("batch", "256", "256"),
  MICRO("batch", "1024", "1024"),
  MICRO("batch", "0", "mixed"),
  MICRO("fifo", "16", "16"),
  MICRO("fifo", "256", "256"),
  MICRO("random", "16", "16"),
  MICRO("random", "64", "64"),
  MICRO("random", "256", "256"),
  MICRO("random", "1024", "1024"),
  MICRO("random", "0", "mixed"),
  CROSS("64", "64"),
  CROSS("0", "mixed"),
  DIE("16"),
  DIE("64"),
  DIE("256"),
  DIE("4096"),
  { .group = "Full collection of 64-byte objects in a random graph; an object",
    .label = "mark-graph",
    .workload = "mark-graph",
    .args = { "1024", "2" },
    .regimes = COLLECTORS,
    .unit = UNIT_NS_PER_OP,
    .repeat = 1,
    .shows_memory = true,
    .env = { "GC_MARKERS", "1" } },
  { .group = "Fork, exec and exit of a program that allocates once",
    .label = "startup",
    .workload = "startup",
    .regimes = COLLECTORS | MALLOCS,
    .unit = UNIT_US,
    .clock = CLOCK_WALL,
    .repeat = 60,
    .shows_memory = true },
};

const size_t plan_row_count = sizeof plan_rows / sizeof plan_rows[0];

const struct target plan_targets[] = {
  { "gcbench", GLEANER_GC, BDWGC, TIME, 0.35, 0.25 },
  { "gcbench", GLEANER_GC, BDWGC, RSS, 1.0, 1.0 },
  { "gcbench", GLEANER_GC, MIMALLOC, TIME, 1.2, 1.0 },
  { "gcbench", GLEANER_GC, MIMALLOC, RSS, 0, 2.0 },
  { "binary-trees", GLEANER_GC, BDWGC, TIME, 0.35, 0.25 },
  { "binary-trees", GLEANER_GC, BDWGC, RSS, 1.0, 1.0 },
  { "binary-trees", GLEANER_GC, MIMALLOC, TIME, 1.2, 1.0 },
  { "binary-trees", GLEANER_GC, MIMALLOC, RSS, 0, 2.0 },
  { "mt-gcbench", GLEANER_GC, BDWGC, TIME, 0, 0.25 },
  { "mt-gcbench", GLEANER_GC, BDWGC, RSS, 0, 1.0 },
  { "mt-gcbench", GLEANER_GC, MIMALLOC, TIME, 0, 1.0 },
  { "mt-gcbench", GLEANER_GC, MIMALLOC, RSS, 0, 2.0 },
  { "malloc-micro", GLEANER_MM, MIMALLOC, TIME, 1.1, 1.0 },
  { "malloc-micro", GLEANER_MM, BEST_MALLOC, TIME, 0, 1.0 },
  { "cross-thread", GLEANER_MM, BEST_MALLOC, TIME, 0, 1.0 },
  { "alloc-die", GLEANER_GC, BDWGC, TIME, 0, 0 },
  { "mark-graph", GLEANER_GC, BDWGC, TIME, 0.15, 0.15 },
  { "mark-graph", GLEANER_GC, REGIMES, RATE, 0, 1000 },
  { "startup", GLEANER_GC, GLIBC, ADDED, 500, 500 },
  { "startup", GLEANER_MM, GLIBC, ADDED, 500, 500 },
};

const size_t plan_target_count = sizeof plan_targets / sizeof plan_targets[0];
