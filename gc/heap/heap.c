// heap.c -- allocate, free, look up; see heap.h

#include "heap/heap.h"

#include <errno.h>
#include <string.h>

#include "base/observer.h"
#include "base/options.h"
#include "heap/central.h"
#include "heap/meta.h"
#include "os/clock.h"
#include "os/memory.h"

struct lock heap_lock = LOCK_INIT(LOCK_HEAP);
volatile atomic_word heap_allocated_bytes;
volatile atomic_word heap_trigger_bytes;

static uint64_t large_allocated_total;  // LOCK_HEAP

int heap_init(void) { return space_init(); }

// ---- Large blocks -------------------------------------------------------------------

// A wide alignment may make a block of 0 bytes large: it has a byte.
static size_t large_bytes(size_t bytes) {
  return round_up(bytes + (bytes == 0), os_page_bytes());
}

static size_t slices_for(size_t bytes) {
  return (bytes + (bytes == 0) + SLICE_BYTES - 1) >> SLICE_SHIFT;
}

static void *large_allocate(unsigned kind, size_t bytes, size_t alignment,
                            bool *is_zero) {
  lock_take(&heap_lock);
  struct page *page =
    space_page_create(slices_for(bytes), alignment, large_bytes(bytes), kind,
                      SIZECLASS_LARGE);
  void *block = NULL;
  if (page) {
    block = (void *)page->start;
    *is_zero = page->is_zero;
    COMPILER_BARRIER();  // the address is in a register before the block lives
    page->cells[0].live |= 1;
    if (kind_is_swept(kind))
      large_allocated_total += page->slice_count * SLICE_BYTES;
  }
  lock_release(&heap_lock);
  if (block && kind_is_swept(kind))
    atomic_add(&heap_allocated_bytes, (AO_t)large_bytes(bytes));
  return block;
}

static enum block_fault large_free(struct page *page, uintptr_t address) {
  lock_take(&heap_lock);
  // Another thread may have freed it between the look-up and the lock, and the
  // struct may be another page's by now.
  bool is_live = space_page_of(address) == page && page_is_large(page)
                 && page->start == address && page_is_block_live(page, 0);
  if (is_live) {
    if (options.poison)
      page_poison(page->start, page->block_bytes);
    space_page_destroy(page);
    space_purge_now_and_then();
  }
  lock_release(&heap_lock);
  return is_live ? BLOCK_OK : BLOCK_FREE;
}

static bool large_resize(struct page *page, size_t bytes) {
  size_t slices = slices_for(bytes), old_bytes = page->block_bytes;
  lock_take(&heap_lock);
  bool fits = slices <= page->slice_count
              || space_page_extend(page, slices);
  if (fits && slices < page->slice_count)
    space_page_shrink(page, slices);
  if (fits)
    page->block_bytes = large_bytes(bytes);
  lock_release(&heap_lock);
  if (fits && page->block_bytes > old_bytes && kind_is_swept(page->kind))
    atomic_add(&heap_allocated_bytes, (AO_t)(page->block_bytes - old_bytes));
  return fits;
}

// ---- Allocating -----------------------------------------------------------------------

// The class whose blocks fit the alignment too; SIZECLASS_LARGE if none does.
static unsigned class_for(size_t bytes, size_t alignment) {
  if (bytes > SMALL_MAX_BYTES || alignment > SMALL_MAX_BYTES)
    return SIZECLASS_LARGE;
  unsigned class = sizeclass_of(bytes ? bytes : 1);
  if (alignment > BLOCK_ALIGN)
    while (class < SIZECLASS_COUNT && sizeclass_bytes(class) % alignment != 0)
      class++;
  return class;  // SIZECLASS_COUNT is SIZECLASS_LARGE
}

size_t heap_granted_bytes(size_t bytes, size_t alignment) {
  unsigned class = class_for(bytes, alignment);
  return class == SIZECLASS_LARGE ? large_bytes(bytes)
                                  : sizeclass_bytes(class);
}

// Blocks above TINY_MAX_BYTES come from their page in order of address until
// each was handed out once, and only by this function.
static bool note_fresh(const struct slot *slot, uintptr_t block) {
  struct page *page = slot->page;
  if (slot->block_bytes <= TINY_MAX_BYTES)
    return false;
  uint32_t index = (uint32_t)page_block_of(page, block).index;
  if (index < page->fresh_from)
    return false;
  page->fresh_from = index + 1;
  return index < page->block_count && page->is_zero;
}

static void *small_allocate(unsigned kind, unsigned class, bool *is_zero) {
  struct cache *cache = own_cache;
  if (cache == &no_cache)
    return NULL;
  struct slot *slot = &cache->slots[kind][class];
  void *block =
    slot->mask ? slot_take(slot) : slot_refill(cache, kind, class);
  if (block)
    *is_zero = note_fresh(slot, (uintptr_t)block);
  return block;
}

bool heap_stress_is_due(void) {
  static volatile atomic_word count;
  return options.stress
         && (atomic_add(&count, 1) + 1) % (AO_t)options.stress == 0;
}

// What comes before an allocation that is not served at once.
static void pass_safe_point(unsigned kind) {
  if (own_cache == &no_cache)
    heap_hooks.attach();
  if (UNLIKELY(heap_stress_is_due()))
    heap_hooks.want_collection("stress");
  else if (kind_is_swept(kind)
           && atomic_load_relaxed(&heap_allocated_bytes)
                >= atomic_load_relaxed(&heap_trigger_bytes))
    heap_hooks.want_collection("growth");
}

static COLD void *heap_allocate_slowly(unsigned kind, unsigned class, size_t bytes,
                                  size_t alignment, bool *is_zero) {
  if (bytes > HEAP_MAX_BYTES || alignment > HEAP_MAX_BYTES / 2)
    return NULL;
  pass_safe_point(kind);
  for (unsigned attempt = 0;; attempt++) {
    void *block =
      class == SIZECLASS_LARGE
        ? large_allocate(kind, bytes,
                         alignment < SLICE_BYTES ? SLICE_BYTES : alignment,
                         is_zero)
        : small_allocate(kind, class, is_zero);
    if (block)
      return block;
    if (!heap_hooks.memory_refused(bytes, attempt))
      return NULL;
    if (own_cache == &no_cache)
      heap_hooks.attach();
  }
}

void *heap_allocate(unsigned kind, size_t bytes, size_t alignment,
                    bool *is_zero) {
  *is_zero = false;
  unsigned class = class_for(bytes, alignment);
  if (LIKELY(class != SIZECLASS_LARGE)) {
    struct slot *slot = &own_cache->slots[kind][class];
    if (slot->mask != 0 || slot_advance(slot)) {
      void *block = slot_take(slot);
      *is_zero = note_fresh(slot, (uintptr_t)block);
      return block;
    }
  }
  return heap_allocate_slowly(kind, class, bytes, alignment, is_zero);
}

// ---- Looking up and freeing --------------------------------------------------------------

enum block_fault heap_find(const void *address, bool is_manual,
                           struct page **found, uint64_t *index) {
  uintptr_t offset = (uintptr_t)address - space.low;
  if (offset >= space.used_bytes)
    return BLOCK_FOREIGN;
  struct page *page = space_page_of((uintptr_t)address);
  if (!page || page->kind == KIND_FREE_RUN)
    return BLOCK_NO_PAGE;
  struct block block = page_block_of(page, (uintptr_t)address);
  // A large block ends before its last slice does.
  if (block.index >= page->block_count
      || (page_is_large(page)
          && (uintptr_t)address - page->start >= page->block_bytes))
    return BLOCK_PAST_LAST;
  *found = page;
  *index = block.index;
  if (!page_is_block_live(page, block.index))
    return BLOCK_FREE;
  if (!block.is_start)
    return BLOCK_INTERIOR;
  return kind_is_manual(page->kind) == is_manual ? BLOCK_OK
                                                 : BLOCK_OTHER_REGIME;
}

enum block_fault heap_free(void *address, bool is_manual) {
  struct page *page;
  uint64_t index;
  enum block_fault fault = heap_find(address, is_manual, &page, &index);
  if (fault != BLOCK_OK)
    return fault;
  if (page_is_large(page))
    return large_free(page, (uintptr_t)address);
  if (UNLIKELY(options.poison))
    page_poison((uintptr_t)address, page->block_bytes);
  bool is_freed = page->owner == own_cache ? page_free_local(page, index)
                                           : remote_free(page, index);
  KEEP_ALIVE(address);  // until then its page stays, whoever collects
  return is_freed ? BLOCK_OK : BLOCK_FREE;
}

bool heap_resize_in_place(struct page *page, size_t bytes) {
  if (bytes > HEAP_MAX_BYTES)
    return false;
  if (page_is_large(page))
    return bytes > SMALL_MAX_BYTES && large_resize(page, bytes);
  // The same class or none: a sized free must be able to tell.
  return heap_granted_bytes(bytes, BLOCK_ALIGN) == page->block_bytes;
}

// ---- For the collector ---------------------------------------------------------------------

uint64_t heap_allocated_total(void) {
  uint64_t total = large_allocated_total;
  for (struct cache *cache = all_caches; cache; cache = cache->next)
    total += cache->allocated_bytes_total + cache->allocated_bytes;
  return total;
}

static void prepare_page(struct page *page, void *context) {
  (void)context;
  if (page->state == PAGE_SWEEPABLE)
    page->state = PAGE_UNLISTED;
  page_clear_marks(page);
}

void heap_prepare_trace(void) {
  central_forget_sweepable();
  space_visit_pages(prepare_page, NULL);
}

static COLD void poison_live(struct page *page) {
  for (uint64_t i = 0; i < page->block_count; i++)
    if (page_cell(page, i)->live >> i % 64 & 1)
      page_poison(page_block_address(page, i), page->block_bytes);
}

static void finish_page(struct page *page, void *context) {
  (void)context;
  if (!kind_is_swept(page->kind))
    return;
  if (page->owner) {
    page_sweep(page);
  } else if (!page->has_marks) {
    if (UNLIKELY(options.poison))
      poison_live(page);
    space_page_destroy(page);
  } else if (!page_is_large(page)) {
    page->is_unswept = true;
    central_list_sweepable(page);
  }
}

static void define_marks(struct page *page, void *context) {
  (void)context;
  observer_define(page->cells, page->cell_count * sizeof page->cells[0]);
}

void heap_define_marks(void) { space_visit_pages(define_marks, NULL); }

void heap_finish_trace(void) { space_visit_pages(finish_page, NULL); }

void heap_purge_decayed(void) {
  uint64_t now = os_clock_coarse_ms();
  lock_take(&heap_lock);
  if (now >= options.decay_ms)
    space_purge(now - options.decay_ms, 0);
  lock_release(&heap_lock);
}
