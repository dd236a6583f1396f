// roots.h -- every place outside the heap where a pointer may be
//
//   stacks    of each thread from its stack pointer up, its registers being on it
//             (the signal frame, or the collector's own frame).  A thread that
//             runs elsewhere -- a signal stack, a coroutine -- is scanned there
//             and on its own stack; registered stacks nobody runs on, as a whole
//   TLS       static and dynamic blocks of each thread, pthread_setspecific values
//   data      writable segments of each loaded object
//   ranges    of gc_add_roots()
//
// Manual memory and uncollectable blocks are in the heap, and the marker's own
// business.  The collector's tables are never roots.
//
// World stopped, loader's lock held, or, for roots_contain(), its locks alone.

#ifndef GLEANER_ROOTS_ROOTS_H
#define GLEANER_ROOTS_ROOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "os/range.h"

struct root_visitor {
  range_visitor visit_stack;  // pointers past an end count here
  range_visitor visit_data;
  void *context;
};

// `stack_pointer` is the calling thread's, with its registers above it.
void roots_visit(uintptr_t stack_pointer, const struct root_visitor *visitor);

// Does `address` lie in one of them?  Of the stacks of running threads, the
// whole range counts.
bool roots_contain(uintptr_t address);

#endif
