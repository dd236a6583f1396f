// allocate.c -- see allocate.h

#include "api/allocate.h"

void *allocate_next(struct slot *slot, unsigned kind, size_t bytes) {
  if (LIKELY(slot_advance(slot)))
    return slot_take(slot);
  return allocate_slowly(kind, bytes);
}

void *allocate_cleared_next(struct slot *slot, unsigned kind, size_t bytes) {
  if (LIKELY(slot_advance(slot)))
    return clear_block(slot_take(slot), slot->block_bytes);
  return allocate_cleared_slowly(kind, bytes);
}

void *allocate_slowly(unsigned kind, size_t bytes) {
  bool is_zero;
  void *block = heap_allocate(kind, bytes, BLOCK_ALIGN, &is_zero);
  return block ? block : no_memory();
}

// All of the block, not only what was asked for: the rest is scanned too.
static void *clear_whole(void *block, bool is_zero) {
  if (!is_zero)
    memset(block, 0, space_page_of((uintptr_t)block)->block_bytes);
  return block;
}

void *allocate_cleared_slowly(unsigned kind, size_t bytes) {
  bool is_zero;
  void *block = heap_allocate(kind, bytes, BLOCK_ALIGN, &is_zero);
  return block ? clear_whole(block, is_zero) : no_memory();
}

void *allocate_aligned(unsigned kind, size_t alignment, size_t bytes) {
  bool is_zero;
  if (alignment < BLOCK_ALIGN)
    alignment = BLOCK_ALIGN;
  void *block = heap_allocate(kind, bytes, alignment, &is_zero);
  if (!block)
    return no_memory();
  return kind_is_automatic(kind) ? clear_whole(block, is_zero) : block;
}

struct page *page_of_block(const char *function, bool is_manual,
                           const void *block) {
  struct page *page;
  uint64_t index;
  enum block_fault fault = heap_find(block, is_manual, &page, &index);
  if (UNLIKELY(fault != BLOCK_OK))
    misuse_report(function, block, fault);
  return page;
}

COLD void free_slowly(const char *function, bool is_manual, void *block) {
  if (!block)
    return;
  enum block_fault fault = heap_free(block, is_manual);
  if (UNLIKELY(fault != BLOCK_OK))
    misuse_report(function, block, fault);
}

void *allocate_again(const char *function, bool is_manual, void *block,
                     size_t bytes) {
  struct page *page = page_of_block(function, is_manual, block);
  size_t old_bytes = page->block_bytes;
  if (bytes == 0) {
    free_slowly(function, is_manual, block);
    return NULL;
  }
  if (heap_resize_in_place(page, bytes)) {
    if (!is_manual && page->block_bytes > old_bytes)
      memset((char *)block + old_bytes, 0, page->block_bytes - old_bytes);
    return block;
  }
  void *moved = is_manual ? allocate(page->kind, bytes)
                          : allocate_cleared(page->kind, bytes);
  if (!moved)
    return NULL;
  memcpy(moved, block, old_bytes < bytes ? old_bytes : bytes);
  free_slowly(function, is_manual, block);
  return moved;
}

char *copy_text(unsigned kind, const char *text, size_t length) {
  char *copy = allocate(kind, length + 1);
  if (copy) {
    memcpy(copy, text, length);
    copy[length] = '\0';
  }
  return copy;
}
