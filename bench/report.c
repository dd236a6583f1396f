// report.c -- see report.h
//
// A figure is the median over the runs of a series.  A ratio is the ratio of
// two medians; beside it stand the lowest and the highest ratio of two runs
// that were made one after the other, which shows the noise.

#include "report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct spread {
  double low, median, high;
};

// Of a sample, in the unit of its row: one number.
typedef double (*measure)(const struct row *row, const struct sample *sample);

static double ns_by_clock(const struct sample *sample, enum clock clock) {
  return (double)(clock == CLOCK_CPU ? sample->cpu_ns : sample->wall_ns);
}

static double in_unit(double ns, const struct row *row,
                      const struct sample *sample) {
  switch (row->unit) {
  case UNIT_NS_PER_OP: return sample->ops ? ns / (double)sample->ops : 0;
  case UNIT_US: return ns / 1e3;
  case UNIT_MS: break;
  }
  return ns / 1e6;
}

static double judged_time(const struct row *row, const struct sample *sample) {
  return in_unit(ns_by_clock(sample, row->clock), row, sample);
}

static double cpu_time(const struct row *row, const struct sample *sample) {
  return in_unit(ns_by_clock(sample, CLOCK_CPU), row, sample);
}

static double wall_time(const struct row *row, const struct sample *sample) {
  return in_unit(ns_by_clock(sample, CLOCK_WALL), row, sample);
}

static double rss_mib(const struct row *row, const struct sample *sample) {
  (void)row;
  return (double)sample->rss_kib / 1024;
}

static double rate_mb_s(const struct row *row, const struct sample *sample) {
  double ns = ns_by_clock(sample, row->clock);
  return ns > 0 ? (double)sample->bytes * 1e3 / ns : 0;
}

// ---- Medians ----------------------------------------------------------------

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static struct spread spread_of(double *values, size_t count) {
  if (!count)
    return (struct spread){ 0, 0, 0 };
  qsort(values, count, sizeof *values, compare_doubles);
  double above = values[count / 2], below = values[(count - 1) / 2];
  return (struct spread){ values[0], (above + below) / 2, values[count - 1] };
}

static struct spread series_spread(const struct row *row,
                                   const struct series *series, measure of) {
  double values[RUNS_MAX];
  for (unsigned i = 0; i < series->count; i++)
    values[i] = of(row, &series->samples[i]);
  return spread_of(values, series->count);
}

static bool has_result(const struct series *series) {
  return series->count > 0 && !series->failed;
}

static double series_median(const struct row *row, const struct series *series,
                            measure of) {
  return series_spread(row, series, of).median;
}

static const struct series *series_at(const struct results *results, size_t row,
                                      unsigned regime) {
  return &results->series[row * REGIMES + regime];
}

static bool row_was_run(const struct results *results, size_t row) {
  for (unsigned r = 0; r < REGIMES; r++)
    if (series_at(results, row, r)->count || series_at(results, row, r)->failed)
      return true;
  return false;
}

// ---- Side by side -----------------------------------------------------------

static int column_width(unsigned regime) {
  return regime <= GLEANER_MM ? 10 : 9;
}

static void print_heading(FILE *out, const char *heading, const char *unit) {
  fprintf(out, "\n%s; %s\n%-14s", heading, unit, "");
  for (unsigned r = 0; r < REGIMES; r++)
    fprintf(out, "%*s", column_width(r), regime_columns[r]);
  fputc('\n', out);
}

static void print_cell(FILE *out, unsigned regime, double value) {
  int digits = value < 10 ? 2 : value < 1000 ? 1 : 0;
  fprintf(out, "%*.*f", column_width(regime), digits, value);
}

static void print_row(FILE *out, const struct results *results, size_t row,
                      const char *label, measure of) {
  fprintf(out, "%-14s", label);
  for (unsigned r = 0; r < REGIMES; r++) {
    const struct series *series = series_at(results, row, r);
    if (has_result(series))
      print_cell(out, r, series_median(&plan_rows[row], series, of));
    else
      fprintf(out, "%*s", column_width(r), series->failed ? "failed" : "-");
  }
  fputc('\n', out);
}

static const char *unit_name(const struct row *row) {
  bool is_cpu = row->clock == CLOCK_CPU;
  switch (row->unit) {
  case UNIT_NS_PER_OP: return is_cpu ? "CPU ns" : "wall ns";
  case UNIT_US: return is_cpu ? "CPU us" : "wall us";
  case UNIT_MS: break;
  }
  return is_cpu ? "CPU ms" : "wall ms";
}

static void print_times_of(FILE *out, const struct results *results,
                           size_t row) {
  const struct row *r = &plan_rows[row];
  print_row(out, results, row, r->label, judged_time);
  if (r->clock == CLOCK_WALL)
    print_row(out, results, row, "  CPU time", cpu_time);
  if (!strcmp(r->workload, "mark-graph"))
    print_row(out, results, row, "  MB/s", rate_mb_s);
}

static void print_times(FILE *out, const struct results *results) {
  const char *group = "";
  for (size_t i = 0; i < plan_row_count; i++) {
    if (!row_was_run(results, i))
      continue;
    if (strcmp(group, plan_rows[i].group))
      print_heading(out, plan_rows[i].group, unit_name(&plan_rows[i]));
    group = plan_rows[i].group;
    print_times_of(out, results, i);
  }
}

static void print_memory(FILE *out, const struct results *results) {
  print_heading(out, "Peak resident memory", "MiB");
  for (size_t i = 0; i < plan_row_count; i++)
    if (plan_rows[i].shows_memory && row_was_run(results, i))
      print_row(out, results, i, plan_rows[i].label, rss_mib);
}

// ---- Targets ----------------------------------------------------------------

// The fastest of the mallocs we compare with, in `row`; REGIMES if none ran.
static unsigned best_malloc(const struct results *results, size_t row) {
  unsigned best = REGIMES;
  double best_time = 0;
  for (unsigned r = MIMALLOC; r <= GLIBC; r++) {
    const struct series *series = series_at(results, row, r);
    if (!has_result(series))
      continue;
    double time = series_median(&plan_rows[row], series, judged_time);
    if (best == REGIMES || time < best_time)
      best = r, best_time = time;
  }
  return best;
}

static struct spread quotient(const struct row *row, const struct series *ours,
                              const struct series *theirs, measure of) {
  double ratios[RUNS_MAX];
  unsigned count = ours->count < theirs->count ? ours->count : theirs->count;
  for (unsigned i = 0; i < count; i++)
    ratios[i] = of(row, &ours->samples[i]) / of(row, &theirs->samples[i]);
  struct spread spread = spread_of(ratios, count);
  spread.median = series_median(row, ours, of) / series_median(row, theirs, of);
  return spread;
}

// Of many short runs the extremes say nothing: low and high are quartiles.
static struct spread difference(const struct row *row,
                                const struct series *ours,
                                const struct series *theirs, measure of) {
  double added[RUNS_MAX];
  unsigned count = ours->count < theirs->count ? ours->count : theirs->count;
  for (unsigned i = 0; i < count; i++)
    added[i] = of(row, &ours->samples[i]) - of(row, &theirs->samples[i]);
  double median = spread_of(added, count).median;
  return (struct spread){ added[count / 4], median, added[count * 3 / 4] };
}

// What `target` says about `row`; false if a regime was not run.
static bool judge(const struct results *results, const struct target *target,
                  size_t row, unsigned *theirs_is, struct spread *value) {
  const struct row *r = &plan_rows[row];
  const struct series *ours = series_at(results, row, target->ours);
  *theirs_is =
    target->theirs == BEST_MALLOC ? best_malloc(results, row) : target->theirs;
  if (!has_result(ours))
    return false;
  if (target->quantity == RATE) {
    *value = series_spread(r, ours, rate_mb_s);
    return true;
  }
  if (*theirs_is >= REGIMES)
    return false;
  const struct series *theirs = series_at(results, row, *theirs_is);
  if (!has_result(theirs))
    return false;
  if (target->quantity == ADDED)
    *value = difference(r, ours, theirs, judged_time);
  else
    *value = quotient(r, ours, theirs,
                      target->quantity == RSS ? rss_mib : judged_time);
  return true;
}

static bool is_reached(const struct target *target, double value,
                       double bound) {
  return target->quantity == RATE ? value >= bound : value <= bound;
}

static int digits_of(double value) { return value < 10 ? 2 : 0; }

static const char *verdict(const struct target *target, double value,
                           double bound, const char *yes, const char *no) {
  return bound <= 0 ? "" : is_reached(target, value, bound) ? yes : no;
}

static void print_bound(FILE *out, double bound) {
  if (bound > 0)
    fprintf(out, " %4.*f", digits_of(bound), bound);
  else
    fprintf(out, " %4s", "-");
}

static void print_subject(FILE *out, const struct target *target,
                          unsigned theirs) {
  char text[64];
  const char *ours = regime_columns[target->ours];
  const char *with = theirs < REGIMES ? regime_columns[theirs] : "";
  switch (target->quantity) {
  case TIME: snprintf(text, sizeof text, "%s time / %s", ours, with); break;
  case RSS: snprintf(text, sizeof text, "%s peak / %s", ours, with); break;
  case ADDED:
    snprintf(text, sizeof text, "%s adds us to %s", ours, with);
    break;
  case RATE: snprintf(text, sizeof text, "%s MB/s", ours); break;
  }
  fprintf(out, "%-26s", text);
}

static void print_verdict(FILE *out, const struct target *target,
                          const char *label, unsigned theirs,
                          struct spread value) {
  fprintf(out, "%-13s", label);
  print_subject(out, target, theirs);
  fprintf(out, "%4.*f %4.*f-%-4.*f", digits_of(value.median), value.median,
          digits_of(value.low), value.low, digits_of(value.high), value.high);
  print_bound(out, target->target);
  fprintf(out, " %-6s",
          verdict(target, value.median, target->target, "met", "missed"));
  print_bound(out, target->goal);
  fprintf(out, " %s\n",
          verdict(target, value.median, target->goal, "yes", "no"));
}

// A target over several rows: every row, then the geometric mean.
static void print_target(FILE *out, const struct results *results,
                         const struct target *target) {
  double log_sum = 0;
  unsigned theirs, rows = 0;
  struct spread value;
  for (size_t i = 0; i < plan_row_count; i++) {
    if (strcmp(plan_rows[i].workload, target->workload)
        || !judge(results, target, i, &theirs, &value))
      continue;
    print_verdict(out, target, plan_rows[i].label, theirs, value);
    log_sum += log(value.median > 0 ? value.median : 1);
    rows++;
  }
  if (rows > 1)
    fprintf(out, "%-39s%4.2f\n", "    geometric mean of these",
            exp(log_sum / rows));
}

static bool any_target(const struct results *results) {
  for (size_t i = 0; i < plan_row_count; i++)
    if (has_result(series_at(results, i, GLEANER_GC))
        || has_result(series_at(results, i, GLEANER_MM)))
      return true;
  return false;
}

static void print_targets(FILE *out, const struct results *results) {
  if (!any_target(results))
    return;
  fprintf(out, "\n%-39s%4s %-9s %-11s %s\n", "Against the targets", "now",
          " low-high", "target", "goal");
  for (size_t i = 0; i < plan_target_count; i++)
    print_target(out, results, &plan_targets[i]);
}

void report_tables(FILE *out, const struct results *results) {
  print_times(out, results);
  print_memory(out, results);
  print_targets(out, results);
}

// ---- Tab-separated ----------------------------------------------------------

static void print_tsv_line(FILE *out, const struct row *row, const char *regime,
                           const struct series *series) {
  struct row plain = *row;
  plain.unit = UNIT_MS;
  struct spread cpu = series_spread(&plain, series, cpu_time);
  struct spread wall = series_spread(&plain, series, wall_time);
  const struct sample *any = series->samples;
  double ops = any->ops ? (double)any->ops : 1;
  fprintf(out,
          "%s\t%s\t%s\t%s\t%u\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.3f\t"
          "%.3f\t%.0f\t%.1f\n",
          row->label, row->workload, regime, series->failed ? "failed" : "ok",
          series->count, cpu.median, cpu.low, cpu.high, wall.median, wall.low,
          wall.high, cpu.median * 1e6 / ops, wall.median * 1e6 / ops,
          series_median(row, series, rss_mib) * 1024,
          series_median(row, series, rate_mb_s));
}

void report_tsv(FILE *out, const struct results *results) {
  fputs("row\tworkload\tregime\tstate\truns\tcpu_ms\tcpu_ms_min\tcpu_ms_max\t"
        "wall_ms\twall_ms_min\twall_ms_max\tcpu_ns_per_op\twall_ns_per_op\t"
        "rss_kib\tmb_per_s\n",
        out);
  for (size_t i = 0; i < plan_row_count; i++)
    for (unsigned r = 0; r < REGIMES; r++)
      if (series_at(results, i, r)->count)
        print_tsv_line(out, &plan_rows[i], regime_programs[r],
                       series_at(results, i, r));
}
