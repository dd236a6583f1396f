// heap.h -- blocks: allocate, free, resize, look up
//
// The floor's face to those above.  Small blocks come from the calling thread's
// cache; pages move between caches, the central lists and the space under
// LOCK_HEAP; large blocks have a page each.
//
// What must call upward goes through `heap_hooks`, which api/wire.c defines.
//
// Any thread, unless said otherwise.  errno is left alone.

#ifndef GLEANER_HEAP_HEAP_H
#define GLEANER_HEAP_HEAP_H

#include "base/lock.h"
#include "heap/cache.h"
#include "heap/page.h"
#include "heap/space.h"

struct heap_hooks {
  // The calling thread wants a cache and has none: make it known.
  void (*attach)(void);
  // Automatic allocation reached the trigger, or a stress mode says so.
  void (*want_collection)(const char *cause);
  // `bytes` were refused: collect, ask the program; true to try again.
  // `attempt` counts from 0.
  bool (*memory_refused)(size_t bytes, unsigned attempt);
};
extern const struct heap_hooks heap_hooks;

extern struct lock heap_lock;

// Once, before anything else.  0 or -ENOMEM.
int heap_init(void);

// ---- Allocating and freeing ---------------------------------------------------

// A block, at a multiple of `alignment` (a power of two); not cleared unless
// *is_zero comes back true.  NULL when refused to the end.
void *heap_allocate(unsigned kind, size_t bytes, size_t alignment,
                    bool *is_zero);

// What is wrong with an address that is to be freed; BLOCK_OK if nothing is.
enum block_fault {
  BLOCK_OK,
  BLOCK_FOREIGN,    // not in the heap
  BLOCK_NO_PAGE,    // in the heap's range, in no page
  BLOCK_INTERIOR,   // inside a block
  BLOCK_PAST_LAST,  // behind the last block of a page
  BLOCK_FREE,       // not handed out: freed already
  BLOCK_OTHER_REGIME
};

// Frees on behalf of `is_manual`'s regime; anything but BLOCK_OK changed nothing.
enum block_fault heap_free(void *block, bool is_manual);

// The same question without freeing; *page and *index are set when BLOCK_OK.
enum block_fault heap_find(const void *block, bool is_manual,
                           struct page **page, uint64_t *index);

// Usable bytes of a block that heap_find() found.
static inline size_t page_usable_bytes(const struct page *page) {
  return page->block_bytes;
}

// Resizes in place if that can be; false if the block must move.
bool heap_resize_in_place(struct page *page, size_t bytes);

// Largest request ever granted.
#define HEAP_MAX_BYTES ((size_t)PTRDIFF_MAX - SLICE_BYTES)

// Bytes a request of `bytes` would get: two requests with the same answer are
// the same to a sized free.
size_t heap_granted_bytes(size_t bytes, size_t alignment);

// ---- Caches -------------------------------------------------------------------

// A cache for the calling thread, which becomes own_cache; NULL if refused.
struct cache *cache_acquire(void *thread);

// Give pages and cache back: for the calling thread at its end, or by the
// collector for a thread that is gone (LOCK_HEAP held).
void cache_release(struct cache *cache);
void cache_release_locked(struct cache *cache);

// In a forked child: every cache but the caller's lost its thread between two
// arbitrary instructions.  LOCK_HEAP held.
void cache_reclaim_all_but(struct cache *survivor);

// ---- For the collector ----------------------------------------------------------

// World stopped or LOCK_HEAP held.

// Where allocation stands, and what starts a collection.
extern volatile atomic_word heap_allocated_bytes;  // automatic, since the last
extern volatile atomic_word heap_trigger_bytes;
uint64_t heap_allocated_total(void);

// Before the trace: every automatic page swept, every mark forgotten.
void heap_prepare_trace(void);

// Under Valgrind, after marking: marks were computed from words that nobody
// initialised, and are data like any other all the same.
void heap_define_marks(void);

// After the trace: owned pages swept, pages without a mark destroyed, the others
// listed as sweepable.
void heap_finish_trace(void);

// The stress option: count an allocation; true when it is the N-th.
bool heap_stress_is_due(void);

// Give free pages that waited long enough to the kernel.  Takes LOCK_HEAP.
void heap_purge_decayed(void);

#endif
