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

// What the loops below keep in registers: a store of a mark might else be to any
// of these, for all the compiler knows.
struct tracer {
  uintptr_t low;
  size_t used_bytes;
  struct page **table;
  unsigned next;  // in the delay line
  struct work_cursor work;
};

ALWAYS_INLINE struct tracer tracer_begin(void) {
  return (struct tracer){ space.low, space.used_bytes, space.table,
                          marker.next, work_begin() };
}

ALWAYS_INLINE void tracer_end(const struct tracer *tracer) {
  marker.next = tracer->next;
  work_end(&tracer->work);
}

// ---- Candidates ---------------------------------------------------------------

ALWAYS_INLINE void mark_block(struct tracer *tracer, struct page *page,
                              struct cell *cell, uint64_t index) {
  cell->mark |= (uint64_t)1 << index % 64;
  page->has_marks = true;
  if (page->is_scanned)
    work_push(&tracer->work, page_block_address(page, index),
              page->block_bytes);
}

ALWAYS_INLINE void look_at(struct tracer *tracer, struct candidate candidate) {
  struct page *page = candidate.page;
  struct cell *cell = page_cell(page, candidate.index);
  if ((cell->live & ~cell->mark) >> candidate.index % 64 & 1)
    mark_block(tracer, page, cell, candidate.index);
}

ALWAYS_INLINE void enter(struct tracer *tracer, struct candidate candidate) {
  struct candidate *place = &marker.line[tracer->next];
  struct candidate oldest = *place;
  *place = candidate;
  tracer->next = (tracer->next + 1) % MARK_DELAY_LINE;
  look_at(tracer, oldest);
}

ALWAYS_INLINE void consider(struct tracer *tracer, uintptr_t word) {
  uintptr_t offset = word - tracer->low;
  if (LIKELY(offset >= tracer->used_bytes))
    return;
  struct page *page = tracer->table[offset >> SLICE_SHIFT];
  if (UNLIKELY(!page))
    return;
  uint64_t index =
    divide_by_reciprocal(word - page->start, page->reciprocal).index;
  __builtin_prefetch(page_cell(page, index), 1);
  __builtin_prefetch((void *)word);
  enter(tracer, (struct candidate){ page, index });
}

static void flush_delay_line(struct tracer *tracer) {
  for (unsigned i = 0; i < MARK_DELAY_LINE; i++)
    enter(tracer, (struct candidate){ &no_page.page, 0 });
}

// ---- Scanning -----------------------------------------------------------------

NO_SANITIZE_SCAN ALWAYS_INLINE void scan(struct tracer *tracer, uintptr_t low,
                                         uintptr_t high) {
  for (uintptr_t at = low; at < high; at += WORD)
    consider(tracer, *(const uintptr_t *)at);
}

static struct range whole_words(struct range range) {
  return (struct range){ round_up(range.low, WORD),
                         round_down(range.high, WORD) };
}

NO_SANITIZE_SCAN void mark_data_range(struct range range, void *context) {
  (void)context;
  range = whole_words(range);
  if (range_is_empty(range))
    return;
  marker.figures.root_bytes += range.high - range.low;
  struct tracer tracer = tracer_begin();
  scan(&tracer, range.low, range.high);
  tracer_end(&tracer);
}

NO_SANITIZE_SCAN void mark_stack_range(struct range range, void *context) {
  (void)context;
  range = whole_words(range);
  if (range_is_empty(range))
    return;
  marker.figures.root_bytes += range.high - range.low;
  struct tracer tracer = tracer_begin();
  for (uintptr_t at = range.low; at < range.high; at += WORD) {
    uintptr_t word = *(const uintptr_t *)at;
    consider(&tracer, word);
    consider(&tracer, word - 1);  // where a loop over the block before leaves it
  }
  tracer_end(&tracer);
}

NO_SANITIZE_SCAN static void drain(void) {
  struct tracer tracer = tracer_begin();
  struct work work;
  do {
    while (work_pop(&tracer.work, &work)) {
      if (UNLIKELY(work.bytes > MARK_PIECE_BYTES)) {
        work_push(&tracer.work, work.address + MARK_PIECE_BYTES,
                  work.bytes - MARK_PIECE_BYTES);
        work.bytes = MARK_PIECE_BYTES;
      }
      scan(&tracer, work.address, work.address + work.bytes);
    }
    flush_delay_line(&tracer);
  } while (tracer.work.count > 0);
  tracer_end(&tracer);
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
    worklist_push(address, page->block_bytes);  // there is room: it is drained
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
  struct tracer tracer = tracer_begin();
  for (size_t i = 0; i < page->cell_count; i++) {
    struct cell *cell = &page->cells[i];
    uint64_t news = cell->live & ~cell->mark;
    for (; news; news &= news - 1) {
      uint64_t index = i * 64 + bits_lowest(news);
      if (page_is_block_live(page, index))  // not freed from afar
        mark_block(&tracer, page, cell, index);
    }
  }
  tracer_end(&tracer);
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

// Counted at the end, by pages: a sum for each block would cost marking a tenth.
static void count_marked(struct page *page, void *context) {
  (void)context;
  if (!page->has_marks)
    return;
  size_t blocks = 0;
  for (size_t i = 0; i < page->cell_count; i++)
    blocks += bits_count(page->cells[i].mark);
  marker.figures.marked_bytes += blocks * page->block_bytes;
  if (kind_is_swept(page->kind))
    marker.figures.automatic_bytes += blocks * page->block_bytes;
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
  space_visit_pages(count_marked, NULL);
  worklist_release();
}

struct mark_figures mark_figures(void) { return marker.figures; }
