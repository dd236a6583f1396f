// report.h -- the results in memory, and the tables made of them
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdio.h>

#include "child.h"
#include "plan.h"

enum { RUNS_MAX = 300 };

// The runs of one row under one regime; sample i of one regime was taken
// next to sample i of the others.
struct series {
  struct sample *samples;  // one a run, RUNS_MAX at most; NULL: was not run
  unsigned count;
  bool failed;  // crashed, or gave another answer than the rest
};

// results[row * REGIMES + regime]
struct results {
  struct series *series;
};

// Side by side: times, peak memory, targets.
void report_tables(FILE *out, const struct results *results);

// One line per row and regime: medians and extremes.
void report_tsv(FILE *out, const struct results *results);

#endif
