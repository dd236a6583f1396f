// options.h -- run-time options, from the environment variable GLEANER_OPTIONS
//
// "name,name=value,..."; separators are commas, spaces and colons.  Sizes take
// k, m, g.  `help` prints the table and exits 0; anything misspelt, out of range
// or left over prints one line and exits 2: nothing runs with options half
// understood.  A set-uid program ignores the variable (secure_getenv).
//
// Read once, by the first call into the library; constant from then on.

#ifndef GLEANER_BASE_OPTIONS_H
#define GLEANER_BASE_OPTIONS_H

#include <stdint.h>

struct options {
  uint64_t verbose;        // 0, 1: a line per collection
  uint64_t stress;         // collect at every N-th allocation; 0 never
  uint64_t verify;         // 0, 1: check the whole heap after each collection
  uint64_t poison;         // 0, 1: fill what is freed and swept
  uint64_t fail;           // the N-th request to the kernel fails; 0 none
  uint64_t growth_percent; // 0: by the size of the heap
  uint64_t floor_bytes;    // least allocation between two collections
  uint64_t limit_bytes;    // of the heap; 0 none
  uint64_t decay_ms;       // until a free page goes back to the kernel
  uint64_t signal;         // to stop threads with; 0: SIGRTMAX - 4
  uint64_t manual_roots;   // 0, 1: manual memory is scanned
  uint64_t huge_pages;     // 0, 1
  uint64_t disable;        // 0, 1: start with collections forbidden
};

extern struct options options;

void options_read(void);

#endif
