// cache.h -- what a thread allocates from
//
// For each kind and size class a slot: the cell (64 blocks and their live word)
// of the page the thread allocates from, and a mask of the cell's blocks that were
// free when it was opened.  A block is handed out by taking the lowest bit from
// the mask and setting it in the live word, and freed by clearing it there: the
// bitmap is the free list, the mask a note of what was read from it.
//
//     block = base + lowest(mask) * size;          (1)
//     mask &= mask - 1;  live |= bit;              (2)
//
// A block is nobody's until its live bit is set, and only the owner sets it: so a
// thread may be stopped between any two instructions, and the collector neither
// reads nor writes a mask.  Before (2) the block is free, and its address in a
// register is no pointer yet; after (2) the address keeps it alive.  Pages with
// an owner are swept inside the pause (P2), so a store (2) with a stale word at
// worst brings dead blocks back for one cycle.
//
// That the mask is a copy, and not ~live itself, is for speed: a loop that
// allocates and frees would else wait for its own store each time (7.5 ns a pair
// instead of 4).
//
// The rare modes knock on the same door: a slot without a page, a thread not yet
// known, and the stress option all have an empty mask.
//
// The owner only; slow paths take LOCK_HEAP.

#ifndef GLEANER_HEAP_CACHE_H
#define GLEANER_HEAP_CACHE_H

#include "base/atomic.h"
#include "heap/page.h"
#include "heap/sizeclass.h"

struct slot {
  uint64_t mask;          // blocks of the cell to hand out; a subset of ~live
  struct cell *cell;
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

extern struct cache no_cache;   // of a thread not known yet: nothing to take

// Initial-exec and one pointer wide, so that a late dlopen finds room for it.
extern _Thread_local struct cache *own_cache
  __attribute__((tls_model("initial-exec")));

// Offset of the slot for a request up to TINY_MAX_BYTES within the slots of a
// kind, by (bytes + 15) / 16.
extern const uint16_t tiny_slot_offset[TINY_MAX_BYTES / 16 + 1];

// ---- Slow paths (heap/cache.c) ----

// A block from the next cell, page or the space; NULL if memory is refused.
void *slot_refill(struct cache *cache, unsigned kind, unsigned class);

// Opens the next cell of the slot's page that has a free block; false if there is
// none up to the page's end, or if each allocation is to be seen.
bool slot_advance(struct slot *slot);

// A page's notice came due: enough blocks were freed on it, or all.
void page_notice(struct page *page);

// Takes in what other threads freed of this cache's pages.
void cache_fold_remote(struct cache *cache);

// Gives back the empty pages that are kept for the next allocation.
void cache_trim(struct cache *cache);

// Counts automatic allocation.
void cache_charge(struct cache *cache, size_t bytes);

// ---- Fast paths ----

// The next block of a slot whose mask is not empty.
ALWAYS_INLINE void *slot_take(struct slot *slot) {
  uint64_t mask = slot->mask;
  uintptr_t block = slot->base + bits_lowest(mask) * slot->block_bytes;
  uint64_t rest = mask & (mask - 1);
  COMPILER_BARRIER_AFTER(block);  // (1) before (2)
  slot->mask = rest;
  slot->cell->live |= mask ^ rest;
  return (void *)block;
}

// Frees block `index` of a page that own_cache owns; false if it is not live.
ALWAYS_INLINE bool page_free_local(struct page *page, uint64_t index) {
  struct cell *cell = page_cell(page, index);
  uint64_t live = cell->live;
  if (UNLIKELY(!bits_test_and_clear(&live, index)))
    return false;
  cell->live = live;
  if (UNLIKELY(--page->notice == 0))
    page_notice(page);
  return true;
}

// The calling thread's slot for up to TINY_MAX_BYTES.
ALWAYS_INLINE struct slot *tiny_slot(unsigned kind, size_t bytes) {
  char *slots = (char *)own_cache->slots[kind];
  return (void *)(slots + tiny_slot_offset[(bytes + 15) / 16]);
}

#endif
