// gc.c -- the automatic regime; documented in include/gleaner/gc.h

#include <gleaner/gc.h>

#include "api/allocate.h"
#include "api/oom.h"
#include "api/wire.h"
#include "collect/cycle.h"
#include "collect/pacing.h"
#include "os/objects.h"
#include "roots/ranges.h"
#include "roots/roots.h"
#include "roots/threads.h"

// ---- Allocating -----------------------------------------------------------------------

void *gc_malloc(size_t bytes) { return allocate_cleared(KIND_AUTO, bytes); }

void *gc_malloc_atomic(size_t bytes) {
  return allocate_cleared(KIND_AUTO_ATOMIC, bytes);
}

void *gc_malloc_uncollectable(size_t bytes) {
  return allocate_cleared(KIND_UNCOLLECTABLE, bytes);
}

void *gc_calloc(size_t count, size_t bytes) {
  size_t total;
  if (UNLIKELY(__builtin_mul_overflow(count, bytes, &total)))
    return no_memory();
  return gc_malloc(total);
}

void *gc_realloc(void *block, size_t bytes) {
  if (!block)
    return gc_malloc(bytes);
  return allocate_again("gc_realloc", false, block, bytes);
}

char *gc_strdup(const char *text) {
  return copy_text(KIND_AUTO_ATOMIC, text, strlen(text));
}

char *gc_strndup(const char *text, size_t max_bytes) {
  return copy_text(KIND_AUTO_ATOMIC, text, strnlen(text, max_bytes));
}

void *gc_aligned_alloc(size_t alignment, size_t bytes) {
  if (!is_power_of_two(alignment)) {
    errno = EINVAL;
    return NULL;
  }
  return allocate_aligned(KIND_AUTO, alignment, bytes);
}

void gc_free(void *block) { free_slowly("gc_free", false, block); }

// ---- Asking -----------------------------------------------------------------------------

size_t gc_usable_size(const void *block) {
  return block ? page_of_block("gc_usable_size", false, block)->block_bytes
               : 0;
}

// The page and block of a live block `address` lies in, or false.
static bool find_live(const void *address, struct page **page,
                      uint64_t *index) {
  // The regime does not matter here: another's is live as well.
  enum block_fault fault = heap_find(address, false, page, index);
  return fault == BLOCK_OK || fault == BLOCK_INTERIOR
         || fault == BLOCK_OTHER_REGIME;
}

void *gc_base(const void *address) {
  struct page *page;
  uint64_t index;
  void *base = find_live(address, &page, &index)
                 ? (void *)page_block_address(page, index)
                 : NULL;
  KEEP_ALIVE(address);  // until the result does: a collection may come between
  KEEP_ALIVE(base);
  return base;
}

int gc_is_automatic(const void *address) {
  struct page *page;
  uint64_t index;
  return find_live(address, &page, &index) && kind_is_automatic(page->kind);
}

int gc_is_manual(const void *address) {
  struct page *page;
  uint64_t index;
  return find_live(address, &page, &index) && kind_is_manual(page->kind);
}

struct visibility {
  const void *location;
  bool is_visible;
};

// The loader's lock comes before ours, as in a collection.
static void look_in_roots(void *context) {
  struct visibility *question = context;
  lock_take(&threads_lock);
  lock_take(&ranges_lock);
  question->is_visible = roots_contain((uintptr_t)question->location);
  lock_release(&ranges_lock);
  lock_release(&threads_lock);
}

int gc_is_visible(const void *location) {
  struct page *page;
  uint64_t index;
  if (!wire_ensure_attached())
    return 0;
  if (find_live(location, &page, &index))
    return page->is_scanned;
  struct visibility question = { location, false };
  bool is_gated = cycle_enter_gate();
  os_objects_freeze(look_in_roots, &question);
  cycle_leave_gate(is_gated);
  return question.is_visible;
}

// ---- Collecting ---------------------------------------------------------------------------

void gc_collect(void) {
  if (wire_ensure_attached())
    cycle_collect("explicit");
}

void gc_disable(void) {
  if (wire_ensure())
    cycle_disable();
}

void gc_enable(void) {
  if (wire_ensure())
    cycle_enable();
}

int gc_is_disabled(void) { return wire_ensure() && cycle_is_disabled(); }

int gc_set_heap_limit(size_t bytes) {
  if (!wire_ensure())
    return -ENOMEM;
  lock_take(&heap_lock);
  space_set_limit(bytes);
  if (bytes && space_committed_bytes() > bytes)
    space_purge(UINT64_MAX, 0);  // free pages are the first to go
  lock_release(&heap_lock);
  return 0;
}

int gc_set_growth(unsigned percent) {
  return wire_ensure() ? pacing_set_growth(percent) : -ENOMEM;
}

void gc_set_oom_handler(gc_oom_handler handler, void *context) {
  oom_set_handler(handler, context);
}

// ---- Roots --------------------------------------------------------------------------------

static struct range range_of(const void *low, const void *high) {
  return (struct range){ (uintptr_t)low, (uintptr_t)high };
}

int gc_add_roots(const void *low, const void *high) {
  return wire_ensure() ? ranges_add(range_of(low, high)) : -ENOMEM;
}

int gc_remove_roots(const void *low, const void *high) {
  return wire_ensure() ? ranges_remove(range_of(low, high)) : -ENOMEM;
}

int gc_exclude_roots(const void *low, const void *high) {
  return wire_ensure() ? ranges_exclude(range_of(low, high)) : -ENOMEM;
}

int gc_include_roots(const void *low, const void *high) {
  return wire_ensure() ? ranges_include(range_of(low, high)) : -ENOMEM;
}

int gc_add_stack(void *low, size_t bytes) {
  if (!wire_ensure())
    return -ENOMEM;
  return ranges_add_stack(range_of(low, (char *)low + bytes));
}

int gc_remove_stack(void *low) {
  return wire_ensure() ? ranges_remove_stack((uintptr_t)low) : -ENOENT;
}

// ---- Threads ------------------------------------------------------------------------------

int gc_thread_attach(void) { return wire_ensure_attached() ? 0 : -ENOMEM; }

int gc_thread_detach(void) {
  threads_detach_self();
  return 0;
}

const char *gc_version(void) { return GLEANER_VERSION; }
