// allocate.c -- see allocate.h

#include "api/allocate.h"

#include "base/observer.h"

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

// ---- Blocks that Valgrind is told of: all of the manual regime ----------------------

static void *hand_out(unsigned kind, void *block, size_t bytes,
                      bool is_zeroed) {
  if (UNLIKELY(observer_is_present()) && kind_is_manual(kind))
    observer_allocated(block, bytes,
                       space_page_of((uintptr_t)block)->block_bytes,
                       is_zeroed);
  return block;
}

void allocate_show_whole(void *block, size_t usable_bytes) {
  if (UNLIKELY(observer_is_present()))
    observer_extend(block, usable_bytes, usable_bytes);
}

// ---- Allocating ---------------------------------------------------------------------

void *allocate_slowly(unsigned kind, size_t bytes) {
  bool is_zero;
  void *block = heap_allocate(kind, bytes, BLOCK_ALIGN, &is_zero);
  return block ? hand_out(kind, block, bytes, false) : no_memory();
}

// All of the block, not only what was asked for: the rest is scanned too.
static void *clear_whole(void *block, bool is_zero) {
  if (is_zero)
    return block;
  observer_look_away();  // it may have been a block before
  memset(block, 0, space_page_of((uintptr_t)block)->block_bytes);
  observer_look_again();
  return block;
}

void *allocate_cleared_slowly(unsigned kind, size_t bytes) {
  bool is_zero;
  void *block = heap_allocate(kind, bytes, BLOCK_ALIGN, &is_zero);
  if (!block)
    return no_memory();
  return hand_out(kind, clear_whole(block, is_zero), bytes, true);
}

void *allocate_aligned(unsigned kind, size_t alignment, size_t bytes) {
  bool is_zero;
  if (alignment < BLOCK_ALIGN)
    alignment = BLOCK_ALIGN;
  void *block = heap_allocate(kind, bytes, alignment, &is_zero);
  if (!block)
    return no_memory();
  if (kind_is_automatic(kind))
    return clear_whole(block, is_zero);
  return hand_out(kind, block, bytes, false);
}

// ---- Freeing and resizing -------------------------------------------------------------

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
  if (UNLIKELY(observer_is_present()) && is_manual) {
    page_of_block(function, is_manual, block);  // or no return
    observer_freed(block);
  }
  observer_look_away();  // poisoning writes to it
  enum block_fault fault = heap_free(block, is_manual);
  observer_look_again();
  if (UNLIKELY(fault != BLOCK_OK))
    misuse_report(function, block, fault);
}

static void clear_from(void *block, size_t from, size_t bytes) {
  memset((char *)block + from, 0, bytes - from);
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
    if (!is_manual)  // what is cut off, or newly there, reads as zero
      clear_from(block, bytes < old_bytes ? bytes : old_bytes,
                 page->block_bytes);
    if (UNLIKELY(observer_is_present()) && is_manual)
      observer_extend(block, old_bytes, bytes);
    return block;
  }
  void *moved = is_manual ? allocate(page->kind, bytes)
                          : allocate_cleared(page->kind, bytes);
  if (!moved)
    return NULL;
  observer_look_away();  // all of the block: more than was asked for
  memcpy(moved, block, old_bytes < bytes ? old_bytes : bytes);
  observer_look_again();
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
