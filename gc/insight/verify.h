// verify.h -- the whole heap against its design (option verify)
//
// Written from doc/design/heap.md and mark.md, not from the code it checks: it
// divides where that multiplies by a reciprocal, walks where that looks up.
// A broken law prints one line and aborts.
//
// World stopped, marks complete, nothing swept yet.

#ifndef GLEANER_INSIGHT_VERIFY_H
#define GLEANER_INSIGHT_VERIFY_H

#include <stdint.h>

// `stack_pointer` as given to roots_visit().
void verify_heap(uintptr_t stack_pointer);

#endif
