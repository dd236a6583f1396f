// page.h -- one page, two bitmaps
//
// A page is one or more slices of the heap, cut into equal blocks of one size
// class, or one large block.  Nothing of it lies in the heap: this struct and
// its bitmaps come from heap/meta.c, and heap/space.h finds them by address.
//
//     live mark
//      0    -    free
//      1    0    young: handed out since the last trace, or unreachable
//      1    1    old: reached by the last trace
//
// The words of both bitmaps for the same 64 blocks lie side by side in a cell,
// so that the marker pays one cache miss for both.
//
//     struct page | cell 0: live mark | cell 1: live mark | ... | remote words
//
// Invariants
//   P1  bits past the last block are clear in live and in mark, always, and
//       there is at least one such bit: an address behind the last block is then
//       no block without a test for it
//   P2  live words of a page with an owner are written by the owner alone, and
//       by the collector while the world is stopped.  A page without an owner
//       is written under LOCK_HEAP or while the world is stopped.
//   P3  whoever else frees a block sets its bit in the remote words, by an
//       atomic; the owner, or a sweep, folds them in.  remote is a subset of live
//   P4  an unswept page is of an automatic kind, has no owner, and hangs in the
//       central list of its class; its blocks at live & ~mark are dead
//   P5  the owner of a page of small blocks that is not swept is never NULL: a
//       thread's cache, or the orphans.  A large page has none
//   P6  this struct is recycled as another page's or run's, never as anything
//       else, and the queue flag and link outlive its pages: a thread that sets a
//       remote bit may find the page gone by the time it queues it.  It then
//       queues whatever page this is now, which is harmless
//   P7  `local` is NULL while a remote bit is pending: the owner's fast path
//       does not look at those, and must not free a block a second time.  Who
//       sets a bit clears `local`, then queues the page; the owner sets
//       `local`, then folds
//
// The division of an offset by the block size is one multiplication
// (base/bits.h); a large page has reciprocal 1, which makes every offset block
// 0 and only offset 0 a block's start.

#ifndef GLEANER_HEAP_PAGE_H
#define GLEANER_HEAP_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/atomic.h"
#include "base/attributes.h"
#include "base/bits.h"
#include "base/settings.h"

enum page_kind {
  KIND_AUTO,           // scanned, swept
  KIND_AUTO_ATOMIC,    // not scanned, swept
  KIND_UNCOLLECTABLE,  // scanned as a root, gc_free alone
  KIND_MANUAL,         // scanned as a root, mm_free alone
  KIND_MANUAL_ATOMIC,  // not scanned, mm_free alone
  KIND_COUNT,
  KIND_FREE_RUN = KIND_COUNT  // no page: slices waiting to become one
};

// Where a page stands with its owner.
enum page_state {
  PAGE_UNLISTED,   // no owner, in no list: full, or thought not worth opening
  PAGE_CURRENT,    // its owner allocates from it
  PAGE_FULL,       // owned; comes back by its `notice`
  PAGE_AVAILABLE,  // in its owner's list, or the orphans'
  PAGE_SWEEPABLE   // in the central list, unswept
};

struct cell {
  uint64_t live, mark;
};

struct cache;

struct page {
  // What marking and freeing read: one cache line.
  uintptr_t start;        // of block 0; a multiple of SLICE_BYTES
  uint64_t reciprocal;    // of block_bytes; 1 for a large page
  size_t block_bytes;     // a large page: its usable bytes
  uint32_t block_count;
  int32_t notice;         // local frees until page_notice(); owner only
  struct cache *local;    // P7: the owner, if mm_free by it may be fast
  uint8_t kind;           // enum page_kind
  uint8_t class;          // SIZECLASS_COUNT for a large page
  uint8_t state;          // enum page_state
  bool has_marks;         // the current trace reached a block
  bool is_scanned;        // blocks hold pointers
  bool is_unswept;        // P4
  bool is_zero;           // fresh from the kernel when made
  uint32_t fresh_from;    // blocks from here on were never handed out
  // What lists and owners need.
  struct cache *owner;
  struct page *next, *previous;              // PAGE_AVAILABLE, PAGE_SWEEPABLE
  struct page *owned_next, *owned_previous;  // all pages of the owner
  struct page *remote_next;                  // P6: the owner's stack of such
  volatile atomic_word is_remote_queued;     // P6: on it, or about to be
  uint32_t slice_count;
  uint32_t cell_count;
  uint32_t meta_bytes;     // of this struct, as allocated
  bool is_clean;           // KIND_FREE_RUN: reads as zero
  uint64_t free_since_ms;  // KIND_FREE_RUN
  struct cell cells[];
};

static_assert(offsetof(struct page, is_remote_queued)
                == offsetof(struct page, remote_next) + sizeof(struct page *),
              "page_clear leaves both alone (P6)");

// Bits of atomic_word in a remote word.
#define REMOTE_BITS (8 * sizeof(atomic_word))

static inline bool kind_is_swept(unsigned kind) {
  return kind <= KIND_AUTO_ATOMIC;
}
static inline bool kind_is_automatic(unsigned kind) {
  return kind <= KIND_UNCOLLECTABLE;
}
static inline bool kind_is_manual(unsigned kind) {
  return kind == KIND_MANUAL || kind == KIND_MANUAL_ATOMIC;
}
static inline bool kind_is_scanned(unsigned kind) {
  return kind == KIND_AUTO || kind == KIND_UNCOLLECTABLE
         || kind == KIND_MANUAL;
}
static inline bool page_is_large(const struct page *page) {
  return page->reciprocal == 1;
}

static inline volatile atomic_word *page_remote(struct page *page) {
  return (volatile atomic_word *)&page->cells[page->cell_count];
}

// Bytes of metadata of a page with `block_count` blocks.
size_t page_meta_bytes(size_t block_count);

// Make `page` describe fresh blocks at `start`: nothing live, nothing marked.
void page_init(struct page *page, uintptr_t start, size_t slice_count,
               size_t block_bytes, unsigned kind, unsigned class,
               bool is_zero);

// Zeroes the struct and what follows it, all but P6.
void page_clear(struct page *page, size_t bytes);

struct block {
  uint64_t index;
  bool is_start;  // the address is the block's first byte
};

static inline struct block page_block_of(const struct page *page,
                                         uintptr_t address) {
  struct quotient q =
    divide_by_reciprocal(address - page->start, page->reciprocal);
  return (struct block){ q.index, q.fraction < page->reciprocal };
}

static inline uintptr_t page_block_address(const struct page *page,
                                           uint64_t index) {
  return page->start + index * page->block_bytes;
}

static inline struct cell *page_cell(struct page *page, uint64_t index) {
  return &page->cells[index / 64];
}

// Is the block handed out, as far as anybody but its owner can say?  False for
// the dead blocks of an unswept page and for those freed from afar.
bool page_is_block_live(struct page *page, uint64_t index);

// Blocks live as their owner sees it: those freed from afar and not folded in yet
// count.
size_t page_live_count(struct page *page);

// Of those, the ones freed from afar.
size_t page_remote_count(struct page *page);

// The bits of `cell` that stand for blocks.
uint64_t page_valid_bits(const struct page *page, size_t cell);

// P3: take what others freed out of live; false if there was nothing.
// The owner, a sweep, or with the world stopped.
bool page_fold_remote(struct page *page);

// live &= mark; returns the number of free blocks after.
size_t page_sweep(struct page *page);

// Before a trace: finish the sweep of the last one, forget its marks.
void page_clear_marks(struct page *page);

// Fills a freed block so that a later use shows (option poison).
void page_poison(uintptr_t address, size_t bytes);

#endif
