// cache.c -- slots, and the way from page to page; see cache.h
//
// A slot that has used up its cell goes on, in this order:
//
//   1. to another cell of its page: from the start again when blocks were freed
//      there meanwhile (lowest address first keeps the working set small)
//   2. to a page of its own with room (manual), or the next page to sweep
//   3. to an orphan (manual)
//   4. to a new page
//
// A manual page that is used up waits, full, until one block in REUSE_SHARE came
// back; page->notice counts the local frees down to that.  An automatic page that
// is used up has no owner any more, and comes back after the next trace.

#include "heap/cache.h"

#include <string.h>

#include "base/observer.h"
#include "base/options.h"
#include "heap/central.h"
#include "heap/heap.h"
#include "heap/meta.h"
#include "heap/space.h"

struct cache no_cache;

_Thread_local struct cache *own_cache
  __attribute__((tls_model("initial-exec"))) = &no_cache;

// A page being allocated from has its notice far away; what is missing from it
// is the number of local frees since.
#define NOTICE_FAR INT32_MAX

// So many frees into the current page are worth starting over in it.
#define FREES_WORTH_RESTART 64

// Modes that want to see each allocation, or each free, close the fast paths.
static bool every_allocation_is_seen(void) {
  return UNLIKELY(options.stress != 0) || UNLIKELY(observer_is_present());
}
static bool every_free_is_seen(void) {
  return options.poison || observer_is_present();
}

// ---- Owning pages -----------------------------------------------------------------

// What page->local is while no free from afar is pending (P7).
static struct cache *local_owner(struct cache *cache, const struct page *page) {
  return kind_is_manual(page->kind) && !every_free_is_seen() ? cache : NULL;
}

static void page_own(struct cache *cache, struct page *page) {
  page->owner = cache;
  page->local = local_owner(cache, page);
  page->owned_previous = NULL;
  page->owned_next = cache->owned;
  if (cache->owned)
    cache->owned->owned_previous = page;
  cache->owned = page;
}

static void page_disown(struct page *page) {
  struct cache *cache = page->owner;
  if (page->owned_previous)
    page->owned_previous->owned_next = page->owned_next;
  else
    cache->owned = page->owned_next;
  if (page->owned_next)
    page->owned_next->owned_previous = page->owned_previous;
  page->owned_next = page->owned_previous = NULL;
  page->local = NULL;
  page->state = PAGE_UNLISTED;
  COMPILER_BARRIER();  // a collection that sees no owner sees the rest too
  page->owner = NULL;
}

static int32_t frees_to_reuse(const struct page *page) {
  uint32_t share = page->block_count / REUSE_SHARE;
  return share ? (int32_t)share : 1;
}

static struct slot *slot_of(struct cache *cache, const struct page *page) {
  return &cache->slots[page->kind][page->class];
}

// The page is no longer current: its blocks are all, or nearly all, handed out.
static void page_retire(struct cache *cache, struct page *page) {
  if (kind_is_swept(page->kind)) {
    page_disown(page);
    return;
  }
  int32_t frees = NOTICE_FAR - page->notice;
  int32_t wanted = frees_to_reuse(page);
  if (frees < wanted) {
    page->state = PAGE_FULL;
    page->notice = wanted - frees;
    return;
  }
  available_push(&slot_of(cache, page)->available, page);
  page->notice = (int32_t)page_live_count(page);
  if (page->notice == 0)
    page->notice = NOTICE_FAR;
}

static void page_give_back(struct slot *slot, struct page *page) {
  lock_take(&heap_lock);
  available_remove(&slot->available, page);
  page_disown(page);
  space_page_destroy(page);
  space_purge_now_and_then();
  lock_release(&heap_lock);
}

// Nothing is live on an available page: keep one a slot, give back the others.
static void page_became_empty(struct cache *cache, struct page *page) {
  struct slot *slot = slot_of(cache, page);
  if (slot->available == page && !page->next)
    page->notice = NOTICE_FAR;
  else
    page_give_back(slot, page);
}

// A full or available page changed by frees: put it where it belongs.
static void page_resettle(struct cache *cache, struct page *page) {
  size_t live = page_live_count(page);
  size_t free = page->block_count - live;
  if (page->state == PAGE_FULL) {
    if (free < (size_t)frees_to_reuse(page)) {
      page->notice = frees_to_reuse(page) - (int32_t)free;
      return;
    }
    available_push(&slot_of(cache, page)->available, page);
  }
  page->notice = (int32_t)live;
  if (live == 0)
    page_became_empty(cache, page);
}

void page_notice(struct page *page) {
  if (page->state == PAGE_CURRENT)
    page->notice = NOTICE_FAR;
  else
    page_resettle(page->owner, page);
}

// ---- Frees from afar, at their owner ------------------------------------------------

// P7: who sets a bit too late for this fold finds `local` set, and clears it.
static void page_fold_and_localise(struct cache *cache, struct page *page) {
  page->local = local_owner(cache, page);
  atomic_fence();
  page_fold_remote(page);
}

static void fold_own_page(struct page *page) {
  struct cache *cache = own_cache;
  if (page->owner != cache) {
    remote_queue(page);  // it changed hands
    return;
  }
  page_fold_and_localise(cache, page);
  if (page->state == PAGE_CURRENT)
    page->notice = NOTICE_FAR - FREES_WORTH_RESTART;
  else
    page_resettle(cache, page);
}

void cache_fold_remote(struct cache *cache) {
  remote_drain(cache, fold_own_page);
}

// ---- Slots --------------------------------------------------------------------------

void cache_charge(struct cache *cache, size_t bytes) {
  cache->allocated_bytes += bytes;
  if (cache->allocated_bytes >= ALLOCATED_STEP_BYTES) {
    atomic_add(&heap_allocated_bytes, (AO_t)cache->allocated_bytes);
    cache->allocated_bytes_total += cache->allocated_bytes;
    cache->allocated_bytes = 0;
  }
}

// So many bytes of a cell's blocks are noted at a time: a loop that allocates and
// frees one block stays within them, and within the first-level cache.
#define MASK_BYTES 4096

// The lowest bits of `free`, as many as MASK_BYTES hold and one at least.
static uint64_t limit_mask(uint64_t free, size_t block_bytes) {
  uint64_t mask = 0;
  size_t left = MASK_BYTES / block_bytes;
  do {
    mask |= free & -free;
    free &= free - 1;
  } while (free && --left > 0);
  return mask;
}

static inline uint64_t free_bits(const struct page *page, uint32_t cell) {
  uint64_t free = ~page->cells[cell].live;
  bool is_last = cell + 1 == page->cell_count;
  return UNLIKELY(is_last) ? free & page_valid_bits(page, cell) : free;
}

// Every other block of a cell of small scanned blocks is handed out in a first
// round, the ones between in a second.  A pointer on a stack to one block keeps
// the block before it alive (one past its end).  Were that the block allocated
// just before, it would often be the root of a structure dropped just before: a
// dead tree stayed whole.  So it is one allocated 32 turns away, most likely a
// leaf.
#define FIRST_ROUND 0x5555555555555555u

static uint64_t first_round(uint64_t free) {
  return free & FIRST_ROUND ? free & FIRST_ROUND : free;
}

static inline void slot_open(struct slot *slot, uint32_t cell, uint64_t free) {
  struct page *page = slot->page;
  if (page->kind == KIND_AUTO && slot->block_bytes <= TINY_MAX_BYTES)
    free = first_round(free);
  if (slot->block_bytes * 64 > MASK_BYTES)
    free = limit_mask(free, slot->block_bytes);
  slot->cell_index = cell;
  slot->cell = &page->cells[cell];
  slot->base = page->start + (uintptr_t)cell * 64 * slot->block_bytes;
  slot->mask = free;
  if (kind_is_swept(page->kind))
    cache_charge(own_cache, bits_count(free) * slot->block_bytes);
}

// Opens the first cell from `from` on with a free block.
static inline bool slot_open_from(struct slot *slot, uint32_t from) {
  const struct page *page = slot->page;
  for (uint32_t i = from; i < page->cell_count; i++) {
    uint64_t free = free_bits(page, i);
    if (free) {
      slot_open(slot, i, free);
      return true;
    }
  }
  return false;
}

static bool slot_continue(struct slot *slot) {
  struct page *page = slot->page;
  uint32_t from = slot->cell_index;
  if (NOTICE_FAR - page->notice >= FREES_WORTH_RESTART) {
    page->notice = NOTICE_FAR;
    from = 0;
  }
  return slot_open_from(slot, from);
}

bool slot_advance(struct slot *slot) {
  if (!slot->page || every_allocation_is_seen())
    return false;
  return slot_open_from(slot, slot->cell_index);
}

static void slot_close(struct cache *cache, struct slot *slot) {
  struct page *page = slot->page;
  slot->mask = 0;
  slot->page = NULL;
  page_retire(cache, page);
}

static struct page *own_under_lock(struct cache *cache, struct page *page) {
  if (page)
    page_own(cache, page);
  return page;
}

static struct page *create_page(unsigned kind, unsigned class) {
  return space_page_create(sizeclass_slices(class), SLICE_BYTES,
                           sizeclass_bytes(class), kind, class);
}

// The next page to sweep that is worth opening.
static struct page *take_swept(struct cache *cache, unsigned kind,
                               unsigned class) {
  for (;;) {
    lock_take(&heap_lock);
    struct page *page = central_take_sweepable(kind, class);
    bool is_unswept = page && page->is_unswept;
    if (!page)
      page = create_page(kind, class);
    if (page)
      page->is_unswept = false;  // its owner sweeps it from here on
    own_under_lock(cache, page);
    lock_release(&heap_lock);
    if (!page || !is_unswept
        || page_sweep(page) > page->block_count / SWEEP_WORTH_SHARE)
      return page;
    page_disown(page);
  }
}

static struct page *take_manual(struct cache *cache, struct slot *slot,
                                unsigned kind, unsigned class) {
  struct page *page = slot->available;
  if (page) {
    available_remove(&slot->available, page);
    return page;
  }
  lock_take(&heap_lock);
  central_forward_strays();
  page = central_take_orphan(kind, class);
  bool is_adopted = page != NULL;
  if (!page)
    page = create_page(kind, class);
  own_under_lock(cache, page);
  lock_release(&heap_lock);
  if (is_adopted)
    page_fold_and_localise(cache, page);
  return page;
}

void *slot_refill(struct cache *cache, unsigned kind, unsigned class) {
  struct slot *slot = &cache->slots[kind][class];
  cache_fold_remote(cache);
  bool is_open = slot->page && slot_continue(slot);
  while (!is_open) {
    if (slot->page)
      slot_close(cache, slot);
    struct page *page = kind_is_swept(kind)
                          ? take_swept(cache, kind, class)
                          : take_manual(cache, slot, kind, class);
    if (!page)
      return NULL;
    page->state = PAGE_CURRENT;
    page->notice = NOTICE_FAR;
    slot->page = page;
    slot->block_bytes = (uint32_t)page->block_bytes;
    is_open = slot_open_from(slot, 0);
  }
  void *block = slot_take(slot);
  if (every_allocation_is_seen())
    slot->mask = 0;
  return block;
}

// ---- Caches ---------------------------------------------------------------------------

static void slots_reset(struct cache *cache) {
  memset(cache->slots, 0, sizeof cache->slots);
  cache->owned = NULL;
}

static struct cache *recycled_cache(void) {
  for (struct cache *cache = all_caches; cache; cache = cache->next)
    if (cache->is_recycled)
      return cache;
  return NULL;
}

static struct cache *new_cache(void) {
  struct cache *cache = meta_allocate(META_TABLES, sizeof *cache);
  if (cache) {
    memset(cache, 0, sizeof *cache);
    cache->next = all_caches;
    all_caches = cache;
  }
  return cache;
}

struct cache *cache_acquire(void *thread) {
  lock_take(&heap_lock);
  struct cache *cache = recycled_cache();
  if (!cache)
    cache = new_cache();
  if (cache) {
    slots_reset(cache);
    cache->thread = thread;
    cache->is_recycled = false;
  }
  lock_release(&heap_lock);
  if (cache)
    own_cache = cache;
  return cache;
}

// A page leaves its thread: to whoever needs its class next.
static void page_abandon(struct page *page) {
  if (!kind_is_swept(page->kind)) {
    central_add_orphan(page);
    return;
  }
  page->owner = NULL;
  page->local = NULL;
  central_list_sweepable(page);
}

void cache_release_locked(struct cache *cache) {
  for (struct page *page = cache->owned, *next; page; page = next) {
    next = page->owned_next;
    page->owned_next = page->owned_previous = NULL;
    page->next = page->previous = NULL;
    page_abandon(page);
  }
  slots_reset(cache);
  cache->thread = NULL;
  cache->is_recycled = true;
}

void cache_release(struct cache *cache) {
  own_cache = &no_cache;
  lock_take(&heap_lock);
  cache_release_locked(cache);
  lock_release(&heap_lock);
}

// The page a slot allocates from, when nothing of it is handed out.
static void slot_give_back_current(struct slot *slot) {
  struct page *page = slot->page;
  if (!page || page_live_count(page) > 0)
    return;
  slot->mask = 0;
  slot->page = NULL;
  lock_take(&heap_lock);
  page_disown(page);
  space_page_destroy(page);
  lock_release(&heap_lock);
}

void cache_trim(struct cache *cache) {
  cache_fold_remote(cache);
  for (unsigned kind = 0; kind < KIND_COUNT; kind++)
    for (unsigned class = 0; class < SIZECLASS_COUNT; class++) {
      struct slot *slot = &cache->slots[kind][class];
      for (struct page *page = slot->available, *next; page; page = next) {
        next = page->next;
        if (page_live_count(page) == 0)
          page_give_back(slot, page);
      }
      slot_give_back_current(slot);
    }
}

// ---- After a fork -----------------------------------------------------------------------

static void reclaim_page(struct page *page, void *survivor) {
  page->is_remote_queued = 0;
  if (page->owner && page->owner != survivor && page->owner != &orphans) {
    page->owned_next = page->owned_previous = NULL;
    page->next = page->previous = NULL;
    page_abandon(page);  // may destroy it
  } else if (page->owner && !kind_is_swept(page->kind)) {
    remote_queue(page);  // whatever its words hold, the owner looks at it
  }
}

void cache_reclaim_all_but(struct cache *survivor) {
  for (struct cache *cache = all_caches; cache; cache = cache->next)
    cache->remote_pages = 0;
  orphans.remote_pages = 0;
  space_visit_pages(reclaim_page, survivor);
  for (struct cache *cache = all_caches; cache; cache = cache->next)
    if (cache != survivor && !cache->is_recycled) {
      slots_reset(cache);
      cache->thread = NULL;
      cache->is_recycled = true;
    }
}
