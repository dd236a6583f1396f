// page.c -- geometry and bitmaps of a page; see page.h

#include "heap/page.h"

#include <string.h>

#include "base/options.h"
#include "heap/sizeclass.h"

#define POISON_BYTE 0xdb

static size_t remote_words(size_t block_count) {
  return (block_count + REMOTE_BITS - 1) / REMOTE_BITS;
}

// Always one bit more than blocks: P1.
static size_t cells_for(size_t block_count) { return block_count / 64 + 1; }

size_t page_meta_bytes(size_t block_count) {
  return sizeof(struct page) + cells_for(block_count) * sizeof(struct cell)
         + remote_words(block_count) * sizeof(atomic_word);
}

uint64_t page_valid_bits(const struct page *page, size_t cell) {
  size_t blocks_before = cell * 64;
  size_t left = page->block_count - blocks_before;
  return left >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << left) - 1;
}

void page_clear(struct page *page, size_t bytes) {
  size_t until_link = offsetof(struct page, remote_next);
  size_t after_flag = offsetof(struct page, is_remote_queued)
                      + sizeof page->is_remote_queued;
  memset(page, 0, until_link);
  memset((char *)page + after_flag, 0, bytes - after_flag);
}

void page_init(struct page *page, uintptr_t start, size_t slice_count,
               size_t block_bytes, unsigned kind, unsigned class,
               bool is_zero) {
  bool is_large = class == SIZECLASS_LARGE;
  size_t count = is_large ? 1 : slice_count * SLICE_BYTES / block_bytes;
  page_clear(page, page_meta_bytes(count));
  page->meta_bytes = (uint32_t)page_meta_bytes(count);
  page->start = start;
  page->reciprocal = is_large ? 1 : reciprocal_of(block_bytes);
  page->block_bytes = block_bytes;
  page->block_count = (uint32_t)count;
  page->cell_count = (uint32_t)cells_for(count);
  page->slice_count = (uint32_t)slice_count;
  page->kind = (uint8_t)kind;
  page->class = (uint8_t)class;
  page->is_scanned = kind_is_scanned(kind);
  page->is_zero = is_zero;
  page->fresh_from = is_zero ? 0 : (uint32_t)count;
}

static bool remote_has(struct page *page, uint64_t index) {
  return atomic_load(&page_remote(page)[index / REMOTE_BITS])
           >> index % REMOTE_BITS
         & 1;
}

bool page_is_block_live(struct page *page, uint64_t index) {
  if (index >= page->block_count)
    return false;
  struct cell *cell = page_cell(page, index);
  uint64_t live = page->is_unswept ? cell->live & cell->mark : cell->live;
  return live >> index % 64 & 1 && !remote_has(page, index);
}

size_t page_live_count(struct page *page) {
  size_t count = 0;
  for (size_t i = 0; i < page->cell_count; i++) {
    struct cell *cell = &page->cells[i];
    uint64_t live = page->is_unswept ? cell->live & cell->mark : cell->live;
    count += bits_count(live);
  }
  return count;
}

size_t page_remote_count(struct page *page) {
  size_t count = 0;
  for (size_t i = 0; i < remote_words(page->block_count); i++)
    count += bits_count(atomic_load(&page_remote(page)[i]));
  return count;
}

bool page_fold_remote(struct page *page) {
  volatile atomic_word *remote = page_remote(page);
  bool any = false;
  for (size_t i = 0; i < remote_words(page->block_count); i++) {
    if (LIKELY(atomic_load_relaxed(&remote[i]) == 0))
      continue;
    uint64_t freed = atomic_exchange(&remote[i], 0);
    size_t first = i * REMOTE_BITS;
    page->cells[first / 64].live &= ~(freed << first % 64);
    any = true;
  }
  return any;
}

void page_poison(uintptr_t address, size_t bytes) {
  memset((void *)address, POISON_BYTE, bytes);
}

static COLD void poison_dead(struct page *page, size_t cell, uint64_t dead) {
  for (; dead; dead &= dead - 1) {
    uint64_t index = cell * 64 + bits_lowest(dead);
    page_poison(page_block_address(page, index), page->block_bytes);
  }
}

size_t page_sweep(struct page *page) {
  page_fold_remote(page);
  size_t free_count = page->block_count;
  for (size_t i = 0; i < page->cell_count; i++) {
    struct cell *cell = &page->cells[i];
    if (UNLIKELY(options.poison))
      poison_dead(page, i, cell->live & ~cell->mark);
    cell->live &= cell->mark;
    free_count -= bits_count(cell->live);
  }
  return free_count;
}

void page_clear_marks(struct page *page) {
  // A manual page is not folded: its owner may be stopped between reading and
  // storing a live word, and would bring the freed block back for good.
  if (kind_is_swept(page->kind))
    page_fold_remote(page);
  bool is_unswept = page->is_unswept;
  for (size_t i = 0; i < page->cell_count; i++) {
    struct cell *cell = &page->cells[i];
    if (is_unswept) {
      if (UNLIKELY(options.poison))
        poison_dead(page, i, cell->live & ~cell->mark);
      cell->live &= cell->mark;
    }
    cell->mark = 0;
  }
  page->is_unswept = false;
  page->has_marks = false;
}
