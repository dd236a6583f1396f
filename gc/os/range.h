// range.h -- a range of addresses, and how the os floor hands ranges upward
//
// Any floor, any thread, any signal handler.

#ifndef GLEANER_OS_RANGE_H
#define GLEANER_OS_RANGE_H

#include <stdbool.h>
#include <stdint.h>

struct range {
  uintptr_t low, high;  // [low, high)
};

// Called for each range found.  What it may do is said where it is handed over.
typedef void (*range_visitor)(struct range range, void *context);

static inline bool range_has(struct range range, uintptr_t address) {
  return address - range.low < range.high - range.low;
}

static inline bool range_is_empty(struct range range) {
  return range.high <= range.low;
}

#endif
