// space.h -- the heap's range of addresses, and who holds each slice
//
// One window of addresses, cut into slices of 64 KiB.  A table beside it has one
// pointer a slice: to the page that the slice is part of, or NULL.  So "is this
// word a pointer into the heap" is a subtraction and a comparison, and "which
// page" one load more.
//
//     window   |slice|slice|slice|slice|slice|slice| ... never committed ... |
//     table    |  A  |  A  | NULL|  B  |run C| NULL|run C| ...
//
// Slices not in use form runs.  A run is described by a struct page of kind
// KIND_FREE_RUN, which the table names at the run's first and last slice: that is
// how neighbours find each other to merge.  It has one cell with nothing live,
// so that a word that looks like an address in it is no pointer, without a test.
//
// A run is dirty (was used; resident) or clean (reads as zero, costs nothing).
// The two never merge; a purge turns dirty into clean after a decay.
//
// The window is reserved as a whole where address space is free to take.  Under
// a limit on it (ulimit -v) nothing is reserved: the window is then the limit's
// size, and slices are mapped one step at a time at their place in it.
//
// LOCK_HEAP is held for all but the look-ups.

#ifndef GLEANER_HEAP_SPACE_H
#define GLEANER_HEAP_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/settings.h"
#include "heap/page.h"

struct space {
  uintptr_t low;          // of the window
  size_t used_bytes;      // from low up to the highest slice ever used
  struct page **table;
};

extern struct space space;

// The page `address` lies in; NULL if it lies in none.  Any context.
ALWAYS_INLINE struct page *space_page_of(uintptr_t address) {
  uintptr_t offset = address - space.low;
  if (UNLIKELY(offset >= space.used_bytes))
    return NULL;
  return space.table[offset >> SLICE_SHIFT];
}

// Once.  0 or -ENOMEM.
int space_init(void);

// A page of `slice_count` slices whose first is a multiple of `alignment` bytes
// (a power of two); NULL, with nothing changed, if limit or kernel refuse.
struct page *space_page_create(size_t slice_count, size_t alignment,
                               size_t block_bytes, unsigned kind,
                               unsigned class);

// Give the slices back as a dirty run, and the page's metadata.
void space_page_destroy(struct page *page);

// Make a large page longer in place, by free slices behind it; false if there
// are none.
bool space_page_extend(struct page *page, size_t slice_count);

// Give the slices past the first `slice_count` of a large page back.
void space_page_shrink(struct page *page, size_t slice_count);

// Give dirty runs that were free since before `before_ms` to the kernel, except
// `keep_bytes`; returns the bytes given.
size_t space_purge(uint64_t before_ms, size_t keep_bytes);

// A program that frees and never collects gives memory back as well: who destroyed
// a page, outside a pause, calls this, which looks a few times in a decay for runs
// that waited that long.
void space_purge_now_and_then(void);

// Every page once, in address order; `visit` may destroy the page it is given.
void space_visit_pages(void (*visit)(struct page *page, void *context),
                       void *context);

// For the verifier: the free runs of a state whose length in slices has its
// highest bit at `bin`, linked by `next`.
#define SPACE_RUN_BINS 40
const struct page *space_first_run(bool is_clean, unsigned bin);

size_t space_committed_bytes(void);
size_t space_free_bytes(void);
uint64_t space_purged_bytes(void);

// 0: no limit.
void space_set_limit(size_t bytes);
size_t space_limit(void);

#endif
