// mark.c -- see mark.h

#include "mark/mark.h"

#include <errno.h>
#include <stddef.h>

#include "base/options.h"
#include "heap/heap.h"
#include "mark/worklist.h"

#define WORD sizeof(uintptr_t)

// A word that lies in a page; whether in a live block, nobody knows yet.
struct candidate {
  struct page *page;
  uint64_t index;
};

static struct {
  struct candidate line[MARK_DELAY_LINE];
  unsigned next;  // where the next one enters, and the oldest falls out
  struct mark_figures figures;
} marker;

// The delay line is never short: it holds candidates that mean nothing, block 0
// of a page with nothing live.
static union {
  struct page page;
  char with_a_cell[sizeof(struct page) + sizeof(struct cell)];
} no_page;

// ---- Candidates -------------------------------------------------------------------------

static inline void mark_block(struct page *page, struct cell *cell,
                              uint64_t index) {
  cell->mark |= (uint64_t)1 << index % 64;
  page->has_marks = true;
  marker.figures.marked_bytes += page->block_bytes;
  if (kind_is_swept(page->kind))
    marker.figures.automatic_bytes += page->block_bytes;
  if (page->is_scanned)
    worklist_push(page_block_address(page, index), page->block_bytes);
}

static inline void look_at(struct candidate candidate) {
  struct page *page = candidate.page;
  struct cell *cell = page_cell(page, candidate.index);
  if ((cell->live & ~cell->mark) >> candidate.index % 64 & 1)
    mark_block(page, cell, candidate.index);
}

static inline void enter(struct candidate candidate) {
  unsigned at = marker.next;
  struct candidate oldest = marker.line[at];
  marker.line[at] = candidate;
  marker.next = (at + 1) % MARK_DELAY_LINE;
  look_at(oldest);
}

static inline void consider(uintptr_t word) {
  uintptr_t offset = word - space.low;
  if (LIKELY(offset >= space.used_bytes))
    return;
  struct page *page = space.table[offset >> SLICE_SHIFT];
  if (UNLIKELY(!page))
    return;
  uint64_t index =
    divide_by_reciprocal(word - page->start, page->reciprocal).index;
  __builtin_prefetch(page_cell(page, index), 1);
  __builtin_prefetch((void *)word);
  enter((struct candidate){ page, index });
}

static void flush_delay_line(void) {
  for (unsigned i = 0; i < MARK_DELAY_LINE; i++)
    enter((struct candidate){ &no_page.page, 0 });
}

// ---- Scanning ---------------------------------------------------------------------------

NO_SANITIZE_SCAN static void scan(uintptr_t low, uintptr_t high) {
  for (uintptr_t at = low; at < high; at += WORD)
    consider(*(const uintptr_t *)at);
}

static struct range whole_words(struct range range) {
  return (struct range){ round_up(range.low, WORD),
                         round_down(range.high, WORD) };
}

void mark_data_range(struct range range, void *context) {
  (void)context;
  range = whole_words(range);
  if (range_is_empty(range))
    return;
  marker.figures.root_bytes += range.high - range.low;
  scan(range.low, range.high);
}

NO_SANITIZE_SCAN void mark_stack_range(struct range range, void *context) {
  (void)context;
  range = whole_words(range);
  if (range_is_empty(range))
    return;
  marker.figures.root_bytes += range.high - range.low;
  for (uintptr_t at = range.low; at < range.high; at += WORD) {
    uintptr_t word = *(const uintptr_t *)at;
    consider(word);
    consider(word - 1);  // where a loop over the block before leaves it
  }
}

static void scan_work(struct work work) {
  if (UNLIKELY(work.bytes > MARK_PIECE_BYTES)) {
    worklist_push(work.address + MARK_PIECE_BYTES,
                  work.bytes - MARK_PIECE_BYTES);
    work.bytes = MARK_PIECE_BYTES;
  }
  scan(work.address, work.address + work.bytes);
}

static void drain(void) {
  struct work work;
  do {
    while (worklist_pop(&work))
      scan_work(work);
    flush_delay_line();
  } while (worklist.top->count > 0);
}

// ---- When the worklist could not grow ------------------------------------------------------

static void rescan_page(struct page *page, void *context) {
  (void)context;
  if (!page->is_scanned || !page->has_marks)
    return;
  for (uint64_t i = 0; i < page->block_count; i++) {
    struct cell *cell = page_cell(page, i);
    if (!((cell->live & cell->mark) >> i % 64 & 1))
      continue;
    uintptr_t address = page_block_address(page, i);
    scan(address, address + page->block_bytes);
    drain();
  }
}

// Every block marked was scanned, or is again: until nothing is dropped.
static void drain_to_the_end(void) {
  drain();
  while (worklist.has_overflowed) {
    worklist.has_overflowed = false;
    space_visit_pages(rescan_page, NULL);
    drain();
  }
}

// ---- Roots in the heap ----------------------------------------------------------------------

static void mark_live_blocks(struct page *page) {
  for (size_t i = 0; i < page->cell_count; i++) {
    struct cell *cell = &page->cells[i];
    uint64_t news = cell->live & ~cell->mark;
    for (; news; news &= news - 1) {
      uint64_t index = i * 64 + bits_lowest(news);
      if (page_is_block_live(page, index))  // not freed from afar
        mark_block(page, cell, index);
    }
  }
}

static void mark_uncollectable(struct page *page, void *context) {
  (void)context;
  if (page->kind == KIND_UNCOLLECTABLE)
    mark_live_blocks(page);
}

static void count_unreached(struct page *page, void *context) {
  (void)context;
  if (!kind_is_manual(page->kind))
    return;
  for (size_t i = 0; i < page->cell_count; i++) {
    struct cell *cell = &page->cells[i];
    uint64_t news = cell->live & ~cell->mark;
    for (; news; news &= news - 1)
      if (page_is_block_live(page, i * 64 + bits_lowest(news))) {
        marker.figures.unreached_manual_blocks++;
        marker.figures.unreached_manual_bytes += page->block_bytes;
      }
  }
}

static void mark_manual(struct page *page, void *context) {
  (void)context;
  if (kind_is_manual(page->kind))
    mark_live_blocks(page);
}

// ---- The trace --------------------------------------------------------------------------------

int mark_init(void) { return worklist_init() ? 0 : -ENOMEM; }

void mark_begin(void) {
  marker.figures = (struct mark_figures){ 0 };
  for (unsigned i = 0; i < MARK_DELAY_LINE; i++)
    marker.line[i] = (struct candidate){ &no_page.page, 0 };
}

void mark_finish(void) {
  space_visit_pages(mark_uncollectable, NULL);
  drain_to_the_end();
  // All unreached ones are counted before any of them is traced: what only a
  // leaked block points to is leaked too.
  space_visit_pages(count_unreached, NULL);
  if (options.manual_roots) {
    space_visit_pages(mark_manual, NULL);
    drain_to_the_end();
  }
  worklist_release();
}

struct mark_figures mark_figures(void) { return marker.figures; }
