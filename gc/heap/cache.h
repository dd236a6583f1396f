// cache.h -- what a thread allocates from
//
// For each kind and size class a slot: the cell (64 blocks and their live word)
// of the page the thread allocates from.  A block is handed out by setting the
// lowest clear bit of the cell's live word, and freed by clearing it: the
// bitmap is the free list.  There is nothing else to keep consistent, so that a
// thread may be stopped between any two instructions:
//
//     free = ~cell->live;  block = base + lowest(free) * size;   (1)
//     cell->live |= bit;                                         (2)
//
// Before (2) the block is free, and its address in a register or on the stack is
// no pointer yet; after (2) the address keeps it alive.  The collector sweeps
// pages with an owner inside its pause (P2), so a store (2) with a stale word
// at worst brings dead blocks back for one cycle.
//
// The rare modes knock on the same door: a slot without a page, a thread not yet
// known, and the stress option all show a cell that is full.
//
// The owner only; slow paths take LOCK_HEAP.

#ifndef GLEANER_HEAP_CACHE_H
#define GLEANER_HEAP_CACHE_H

#include "base/atomic.h"
#include "heap/page.h"
#include "heap/sizeclass.h"

struct slot {
  struct cell *cell;      // never NULL; the full cell if there is none to use
  uintptr_t base;         // address of the cell's first block
  uint32_t block_bytes;
  uint32_t cell_index;    // of the cell in its page
  struct page *page;      // owned, PAGE_CURRENT; or NULL
  struct page *available; // owned, PAGE_AVAILABLE
};

struct cache {
  struct slot slots[KIND_COUNT][SIZECLASS_COUNT];
  struct page *owned;                  // all pages of this cache
  volatile atomic_word remote_pages;   // stack of pages others freed blocks of
  struct cache *next;                  // all caches; or those without a thread
  void *thread;                        // its owner's; NULL when it has none
  uint64_t allocated_bytes;            // automatic; not yet told to the heap
  uint64_t allocated_bytes_total;
  bool is_recycled;                    // waits for a thread
};

extern struct cell full_cell;
extern struct cache no_cache;   // of a thread not known yet: full throughout

// Initial-exec and one pointer wide, so that a late dlopen finds room for it.
extern _Thread_local struct cache *own_cache
  __attribute__((tls_model("initial-exec")));

// Class of a request up to TINY_MAX_BYTES, by (bytes + 15) / 16.
extern const uint8_t tiny_class[TINY_MAX_BYTES / 16 + 1];

// ---- Slow paths (heap/cache.c) ----

// A block from the next cell, page or the space; NULL if memory is refused.
void *slot_refill(struct cache *cache, unsigned kind, unsigned class);

// A page's notice came due: enough blocks were freed on it, or all.
void page_notice(struct page *page);

// Takes in what other threads freed of this cache's pages.
void cache_fold_remote(struct cache *cache);

// Gives back the empty pages that are kept for the next allocation.
void cache_trim(struct cache *cache);

// Counts automatic allocation.
void cache_charge(struct cache *cache, size_t bytes);

// ---- Fast paths ----

ALWAYS_INLINE void *slot_take(struct slot *slot) {
  struct cell *cell = slot->cell;
  uint64_t free = ~cell->live;
  if (UNLIKELY(free == 0))
    return NULL;
  uintptr_t block =
    slot->base + (uintptr_t)bits_lowest(free) * slot->block_bytes;
  COMPILER_BARRIER();  // (1) before (2)
  cell->live |= free & -free;
  return (void *)block;
}

// Frees block `index`, which is live, of a page that own_cache owns.
ALWAYS_INLINE void page_free_local(struct page *page, uint64_t index) {
  page_cell(page, index)->live &= ~((uint64_t)1 << index % 64);
  if (UNLIKELY(--page->notice == 0))
    page_notice(page);
}

// A block of up to TINY_MAX_BYTES, or NULL: then ask heap_allocate().
ALWAYS_INLINE void *cache_take_tiny(unsigned kind, size_t bytes) {
  return slot_take(&own_cache->slots[kind][tiny_class[(bytes + 15) / 16]]);
}

#endif
