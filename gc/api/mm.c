// mm.c -- the manual regime; documented in include/gleaner/mm.h

#include <gleaner/mm.h>

#include "api/allocate.h"
#include "api/wire.h"
#include "os/memory.h"

void *mm_malloc(size_t bytes) { return allocate(KIND_MANUAL, bytes); }

void *mm_malloc_atomic(size_t bytes) {
  return allocate(KIND_MANUAL_ATOMIC, bytes);
}

void *mm_calloc(size_t count, size_t bytes) {
  size_t total;
  if (UNLIKELY(__builtin_mul_overflow(count, bytes, &total)))
    return no_memory();
  return allocate_cleared(KIND_MANUAL, total);
}

// Four tests stand before a block is free: in the heap, in a page of this
// thread, at a block's start, live.  All else goes slowly.
ALWAYS_INLINE bool free_fast(void *block) {
  struct page *page = space_page_of((uintptr_t)block);
  if (UNLIKELY(!page) || UNLIKELY(page->local != own_cache))
    return false;
  struct block found = page_block_of(page, (uintptr_t)block);
  return LIKELY(found.is_start) && page_free_local(page, found.index);
}

void mm_free(void *block) {
  if (UNLIKELY(!free_fast(block)))
    free_slowly("mm_free", true, block);
}

static void check_size(const char *function, void *block, size_t alignment,
                       size_t bytes) {
  struct page *page = page_of_block(function, true, block);
  if (UNLIKELY(heap_granted_bytes(bytes, alignment) != page->block_bytes))
    misuse_report_size(function, block, page->block_bytes, bytes);
}

void mm_free_sized(void *block, size_t bytes) {
  if (!block)
    return;
  check_size("mm_free_sized", block, BLOCK_ALIGN, bytes);
  free_slowly("mm_free_sized", true, block);
}

void mm_free_aligned_sized(void *block, size_t alignment, size_t bytes) {
  if (!block)
    return;
  check_size("mm_free_aligned_sized", block, alignment, bytes);
  free_slowly("mm_free_aligned_sized", true, block);
}

void *mm_realloc(void *block, size_t bytes) {
  if (!block)
    return mm_malloc(bytes);
  return allocate_again("mm_realloc", true, block, bytes);
}

void *mm_reallocarray(void *block, size_t count, size_t bytes) {
  size_t total;
  if (UNLIKELY(__builtin_mul_overflow(count, bytes, &total)))
    return no_memory();
  return mm_realloc(block, total);
}

char *mm_strdup(const char *text) {
  return copy_text(KIND_MANUAL, text, strlen(text));
}

char *mm_strndup(const char *text, size_t max_bytes) {
  return copy_text(KIND_MANUAL, text, strnlen(text, max_bytes));
}

void *mm_aligned_alloc(size_t alignment, size_t bytes) {
  if (!is_power_of_two(alignment)) {
    errno = EINVAL;
    return NULL;
  }
  return allocate_aligned(KIND_MANUAL, alignment, bytes);
}

int mm_posix_memalign(void **result, size_t alignment, size_t bytes) {
  if (!is_power_of_two(alignment) || alignment % sizeof(void *) != 0)
    return EINVAL;
  int saved = errno;
  void *block = allocate_aligned(KIND_MANUAL, alignment, bytes);
  errno = saved;
  if (!block)
    return ENOMEM;
  *result = block;
  return 0;
}

void *mm_memalign(size_t alignment, size_t bytes) {
  if (alignment > HEAP_MAX_BYTES)
    return no_memory();
  return allocate_aligned(KIND_MANUAL, power_of_two_at_least(alignment),
                          bytes);
}

void *mm_valloc(size_t bytes) {
  return allocate_aligned(KIND_MANUAL, os_page_bytes(), bytes);
}

void *mm_pvalloc(size_t bytes) {
  if (bytes > HEAP_MAX_BYTES)
    return no_memory();
  size_t page = os_page_bytes();
  return allocate_aligned(KIND_MANUAL, page,
                          bytes ? round_up(bytes, page) : page);
}

size_t mm_usable_size(const void *block) {
  if (!block)
    return 0;
  size_t bytes = page_of_block("mm_usable_size", true, block)->block_bytes;
  allocate_show_whole((void *)block, bytes);
  return bytes;
}

int mm_trim(size_t keep_bytes) {
  if (!wire_ensure_attached())
    return 0;
  cache_trim(own_cache);
  lock_take(&heap_lock);
  size_t purged = space_purge(UINT64_MAX, keep_bytes);
  lock_release(&heap_lock);
  return purged > 0;
}
