// child.h -- run one program to its end and say what it cost
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sample {
  uint64_t cpu_ns, wall_ns;
  uint64_t rss_kib;  // peak
  uint64_t ops, bytes, check;
};

// Run argv[0] with stdout to `text` (NUL-terminated, cut at `size`); stderr
// passes through.  After `seconds` it is killed.
//
//   returns  0; the exit status; 256 + signal; -errno if it did not start
int child_run(char *const argv[], char *text, size_t size, unsigned seconds);

// The line that report() of workload.h prints; false if it is not one.
bool child_parse(const char *text, struct sample *sample);

// Time from before the start to after the end, stdout left alone; wall_ns,
// cpu_ns and rss_kib are set.  Returns as child_run().
int child_time(char *const argv[], struct sample *sample);

#endif
