// mark.h -- the trace: from roots to every block they reach
//
// A word is a pointer if it falls into a live block; which block is a table
// look-up and a multiplication, whether it is new are two bits.  On a large heap
// each of these is a cache miss, and so is the block.  Hence a delay line stands
// between finding a word and looking at it: a candidate enters it as its cell and
// its first line are prefetched, and is looked at when it falls out.
//
//     scan a block --> candidates --> [ delay line ] --> live? new? --> worklist
//          ^                                                              |
//          '--------------------------------------------------------------'
//
// Source: C.-Y. Cher, A. Hosking, T. N. Vijaykumar, "Software prefetching for
// mark-sweep garbage collection: hardware analysis and software redesign",
// ASPLOS 2004; here candidates enter before their bits are looked at.
//
// Manual memory is traced in two steps: as far as the roots reach it, then every
// block not reached becomes a root.  What the second step finds is the leak
// report.
//
// The collecting thread, world stopped.

#ifndef GLEANER_MARK_MARK_H
#define GLEANER_MARK_MARK_H

#include <stdint.h>

#include "os/range.h"

struct mark_figures {
  uint64_t automatic_bytes;  // reached, of blocks the collector frees
  uint64_t marked_bytes;     // reached, of all
  uint64_t root_bytes;       // scanned outside the heap
  uint64_t unreached_manual_bytes;
  uint64_t unreached_manual_blocks;
};

// Once.  0 or -ENOMEM.
int mark_init(void);

void mark_begin(void);

// Range visitors for roots: every aligned word in them, `context` unused.  In
// stacks, a pointer one past a block's end counts as one to the block.
void mark_data_range(struct range range, void *context);
void mark_stack_range(struct range range, void *context);

// Trace all that is reachable from the ranges seen and from uncollectable
// blocks; then, unless the program switched it off, from manual memory.
void mark_finish(void);

struct mark_figures mark_figures(void);

#endif
