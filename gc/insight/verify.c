// verify.c -- the laws of the heap, one by one; see verify.h
//
//   1. slices  pages and runs tile the used range from its second slice on; the
//              table names a page at each of its slices, a run at both ends
//   2. pages   geometry, bitmaps, owner and state of each
//   3. runs    in the bin of their length and state; no two of one state touch
//   4. lists   those that LOCK_HEAP guards.  A thread may stand still half way
//              through a list of its own, so those are not looked at
//   5. edges   no word of a marked block that is scanned, and none of a root,
//              points to a block that is live and not marked; what is a root
//              by its kind is marked
//
// P7 is not looked at either: a thread may stand still between the bit that it
// set and `local`, which it is about to clear.
//
// Nothing is repaired, and nothing written but what lies on this stack: the
// data of a static program is a root.

#include "insight/verify.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/format.h"
#include "base/options.h"
#include "base/settings.h"
#include "heap/central.h"
#include "heap/heap.h"
#include "roots/roots.h"

#define CELL_BITS 64

// Sums over the table, to be compared with what the lists hold.
struct census {
  size_t runs[2], run_slices[2];  // dirty, clean
  size_t available_orphans;
};

// ---- Last words -------------------------------------------------------------

static const char *kind_name(unsigned kind) {
  switch (kind) {
  case KIND_AUTO: return "automatic";
  case KIND_AUTO_ATOMIC: return "automatic pointer-free";
  case KIND_UNCOLLECTABLE: return "uncollectable";
  case KIND_MANUAL: return "manual";
  case KIND_MANUAL_ATOMIC: return "manual pointer-free";
  case KIND_FREE_RUN: return "free";
  default: return "unknown";
  }
}

_Noreturn static COLD void fail(const char *law, uintptr_t address,
                                const struct page *page) {
  panic("verify: %s: %p, of page %p (kind %s, class %u, %lu-byte blocks)", law,
        (void *)address, (void *)page->start, kind_name(page->kind),
        (unsigned)page->class, (unsigned long)page->block_bytes);
}

// For what is wrong with the table itself.
_Noreturn static COLD void fail_slice(const char *law, size_t slice) {
  panic("verify: %s: slice %lu, at %p", law, (unsigned long)slice,
        (void *)(space.low + slice * SLICE_BYTES));
}

_Noreturn static COLD void fail_edge(const char *law, uintptr_t location,
                                     uintptr_t target,
                                     const struct page *page) {
  panic("verify: %s: the word at %p leads to %p, of page %p (kind %s, "
        "class %u, %lu-byte blocks)",
        law, (void *)location, (void *)target, (void *)page->start,
        kind_name(page->kind), (unsigned)page->class,
        (unsigned long)page->block_bytes);
}

static void expect(bool holds, const char *law, const struct page *page) {
  if (UNLIKELY(!holds))
    fail(law, page->start, page);
}

// ---- The table --------------------------------------------------------------

static size_t used_slices(void) { return space.used_bytes / SLICE_BYTES; }

static bool is_run(const struct page *page) {
  return page->kind == KIND_FREE_RUN;
}

typedef void (*page_check)(struct page *page, struct census *census);

// Each page and run that begins where the one before ends.
static void for_each_page(page_check check, struct census *census) {
  for (size_t slice = 1; slice < used_slices();) {
    struct page *page = space.table[slice];
    check(page, census);
    slice += page->slice_count;
  }
}

static void check_entries(size_t slice, const struct page *page) {
  size_t count = page->slice_count;
  for (size_t i = 0; i < count; i++) {
    bool is_end = i == 0 || i == count - 1;
    const struct page *expected = is_run(page) && !is_end ? NULL : page;
    if (space.table[slice + i] != expected)
      fail_slice("the table names a page at each slice, a run at its ends",
                 slice + i);
  }
}

static void check_slices(void) {
  if (used_slices() > 0 && space.table[0])
    fail_slice("the first slice is never used", 0);
  const struct page *before = NULL;
  for (size_t slice = 1; slice < used_slices();) {
    const struct page *page = space.table[slice];
    if (!page)
      fail_slice("pages and runs tile the range", slice);
    if (page->start != space.low + slice * SLICE_BYTES)
      fail_slice("pages and runs begin where the table first names them",
                 slice);
    if (page->slice_count == 0 || page->slice_count > used_slices() - slice)
      fail_slice("pages and runs end within the range", slice);
    check_entries(slice, page);
    expect(!before || !is_run(before) || !is_run(page)
             || before->is_clean != page->is_clean,
           "adjacent runs of the same state are merged", page);
    before = page;
    slice += page->slice_count;
  }
}

// ---- Geometry ---------------------------------------------------------------

// By 16 up to 128, then by a quarter of the power of two below.
static size_t bytes_of_class(unsigned class) {
  size_t bytes = 0, step = 16;
  for (unsigned i = 0; i <= class; i++) {
    bytes += step;
    if (bytes >= 128 && (bytes & (bytes - 1)) == 0)
      step = bytes / 4;
  }
  return bytes;
}

static void check_large(const struct page *page) {
  size_t room = page->slice_count * SLICE_BYTES;
  expect(page->block_count == 1, "a large page has one block", page);
  expect(page->reciprocal == 1, "a large page's reciprocal is 1", page);
  expect(page->block_bytes > 0 && page->block_bytes <= room,
         "a large block fits its slices", page);
}

static void check_small(const struct page *page) {
  size_t room = page->slice_count * SLICE_BYTES;
  expect(page->class < SIZECLASS_COUNT, "a page has a size class", page);
  expect(page->block_bytes == bytes_of_class(page->class),
         "blocks have the size of their class", page);
  expect(page->block_count == room / page->block_bytes,
         "a page has as many blocks as fit", page);
  expect(page->reciprocal == UINT64_MAX / page->block_bytes + 1,
         "the reciprocal is that of the block size", page);
}

static void check_geometry(const struct page *page) {
  expect(page->start % SLICE_BYTES == 0, "a page starts a slice", page);
  if (page->class == SIZECLASS_LARGE)
    check_large(page);
  else
    check_small(page);
  size_t cells = page->cell_count;
  size_t remote_bytes = (page->block_count + 7) / 8;
  expect(cells * CELL_BITS > page->block_count
           && (cells - 1) * CELL_BITS <= page->block_count,
         "cells have a bit for each block and one more (P1)", page);
  expect(page->meta_bytes
           >= sizeof *page + cells * sizeof(struct cell) + remote_bytes,
         "bitmaps fit their metadata", page);
}

// ---- Bitmaps ----------------------------------------------------------------

// The 64 remote bits beside a cell.
static uint64_t remote_bits(struct page *page, size_t cell) {
  uint64_t bits = 0;
  size_t words = (page->block_count + REMOTE_BITS - 1) / REMOTE_BITS;
  size_t per_cell = CELL_BITS / REMOTE_BITS;
  for (size_t i = 0; i < per_cell && cell * per_cell + i < words; i++) {
    uint64_t word = page_remote(page)[cell * per_cell + i];
    bits |= word << i * REMOTE_BITS % CELL_BITS;
  }
  return bits;
}

static void expect_none(uint64_t wrong, size_t cell, const char *law,
                        const struct page *page) {
  if (LIKELY(wrong == 0))
    return;
  size_t index = cell * CELL_BITS;
  for (; !(wrong & 1); wrong >>= 1)
    index++;
  fail(law, page->start + index * page->block_bytes, page);
}

static uint64_t bits_past_last(const struct page *page, size_t cell) {
  uint64_t bits = 0;
  for (size_t i = 0; i < CELL_BITS; i++)
    if (cell * CELL_BITS + i >= page->block_count)
      bits |= (uint64_t)1 << i;
  return bits;
}

static void check_bitmaps(struct page *page) {
  bool any_mark = false;
  for (size_t i = 0; i < page->cell_count; i++) {
    uint64_t live = page->cells[i].live, mark = page->cells[i].mark;
    bool is_last = i + 1 == page->cell_count;
    uint64_t past = is_last ? bits_past_last(page, i) : 0;
    expect_none(live & past, i, "no bit past the last block is live (P1)",
                page);
    expect_none(mark & past, i, "no bit past the last block is marked (P1)",
                page);
    expect_none(mark & ~live, i, "only live blocks are marked", page);
    expect_none(remote_bits(page, i) & ~live, i,
                "only live blocks are freed from afar (P3)", page);
    any_mark |= mark != 0;
  }
  expect(page->has_marks || !any_mark, "a page with a mark says so", page);
}

// ---- Owner and state --------------------------------------------------------

static bool is_a_cache(const struct cache *cache) {
  const struct cache *known = all_caches;
  while (known && known != cache)
    known = known->next;
  return known != NULL;
}

static bool is_swept_kind(const struct page *page) {
  return page->kind == KIND_AUTO || page->kind == KIND_AUTO_ATOMIC;
}

static bool is_manual_kind(const struct page *page) {
  return page->kind == KIND_MANUAL || page->kind == KIND_MANUAL_ATOMIC;
}

static bool is_scanned_kind(const struct page *page) {
  return page->kind == KIND_AUTO || page->kind == KIND_UNCOLLECTABLE
         || page->kind == KIND_MANUAL;
}

static void check_orphan(const struct page *page, struct census *census) {
  expect(!is_swept_kind(page), "an automatic page is nobody's orphan", page);
  expect(page->state == PAGE_FULL || page->state == PAGE_AVAILABLE,
         "an orphan is full or available", page);
  census->available_orphans += page->state == PAGE_AVAILABLE;
}

static void check_owner(const struct page *page, struct census *census) {
  const struct cache *owner = page->owner;
  expect(!page->local || (page->local == owner && is_manual_kind(page)),
         "local is the owner, of manual pages alone", page);
  if (owner == &orphans) {
    check_orphan(page, census);
  } else if (owner) {
    expect(page->class != SIZECLASS_LARGE, "a large page has no owner", page);
    expect(is_a_cache(owner), "an owner is a cache or the orphans", page);
    expect(!owner->is_recycled, "an owner has a thread", page);
  } else {
    expect(page->state == PAGE_UNLISTED, "a page without owner is in no list",
           page);
    expect(is_swept_kind(page) || page->class == SIZECLASS_LARGE,
           "a page that is not swept has an owner (P5)", page);
  }
}

static void check_page(struct page *page, struct census *census) {
  if (is_run(page)) {
    census->runs[page->is_clean]++;
    census->run_slices[page->is_clean] += page->slice_count;
    expect(!(page->cells[0].live | page->cells[0].mark),
           "nothing is live in a run", page);
    return;
  }
  expect(page->kind < KIND_COUNT, "a page has a kind", page);
  expect(page->is_scanned == is_scanned_kind(page),
         "a page is scanned if its kind is", page);
  expect(!page->is_unswept, "every page is swept before a trace", page);
  expect(page->state != PAGE_SWEEPABLE, "nothing is to sweep after a trace",
         page);
  check_geometry(page);
  check_bitmaps(page);
  check_owner(page, census);
}

// ---- Lists under LOCK_HEAP --------------------------------------------------

// Is `run` named by the table where it begins?
static bool is_in_table(const struct page *page) {
  uintptr_t offset = page->start - space.low;
  return offset < space.used_bytes && space.table[offset / SLICE_BYTES] == page;
}

static size_t check_bin(bool is_clean, unsigned bin) {
  size_t count = 0;
  const struct page *before = NULL;
  for (const struct page *run = space_first_run(is_clean, bin); run;
       run = run->next) {
    expect(is_run(run) && is_in_table(run), "a bin holds runs of the table",
           run);
    expect(run->previous == before, "a bin's links agree", run);
    expect(run->is_clean == is_clean, "dirty and clean runs lie apart", run);
    expect(run->slice_count >> bin == 1, "a run lies in the bin of its length",
           run);
    before = run;
    count++;
  }
  return count;
}

static void check_runs(const struct census *census) {
  size_t listed[2] = { 0, 0 };
  for (unsigned bin = 0; bin < SPACE_RUN_BINS; bin++) {
    listed[false] += check_bin(false, bin);
    listed[true] += check_bin(true, bin);
  }
  for (unsigned i = 0; i < 2; i++)
    if (listed[i] != census->runs[i])
      panic("verify: every run is in a bin: %lu %s runs, %lu of them listed",
            (unsigned long)census->runs[i], i ? "clean" : "dirty",
            (unsigned long)listed[i]);
  size_t dirty = census->run_slices[false] * SLICE_BYTES;
  size_t clean = census->run_slices[true] * SLICE_BYTES;
  if (space_free_bytes() != dirty
      || space_committed_bytes() != space.used_bytes - clean)
    panic("verify: bytes of runs add up: %lu dirty and %lu clean bytes found, "
          "%lu and %lu counted",
          (unsigned long)dirty, (unsigned long)clean,
          (unsigned long)space_free_bytes(),
          (unsigned long)(space.used_bytes - space_committed_bytes()));
}

static bool has_room(const struct page *page) {
  for (size_t i = 0; i < page->block_count; i++)
    if (!(page->cells[i / CELL_BITS].live >> i % CELL_BITS & 1))
      return true;
  return false;
}

static size_t check_orphans_of(unsigned kind, unsigned class) {
  size_t count = 0;
  const struct page *before = NULL;
  for (const struct page *page = orphans.slots[kind][class].available; page;
       page = page->next) {
    expect(is_in_table(page) && page->owner == &orphans,
           "the orphans' list holds orphans", page);
    expect(page->previous == before, "the orphans' links agree", page);
    expect(page->state == PAGE_AVAILABLE, "a listed orphan is available", page);
    expect(page->kind == kind && page->class == class,
           "orphans are listed by kind and class", page);
    expect(has_room(page), "an available page has room", page);
    before = page;
    count++;
  }
  return count;
}

static void check_lists(const struct census *census) {
  size_t listed = 0;
  for (unsigned kind = 0; kind < KIND_COUNT; kind++)
    for (unsigned class = 0; class < SIZECLASS_COUNT; class++) {
      listed += check_orphans_of(kind, class);
      const struct page *page =
        kind <= KIND_AUTO_ATOMIC ? central_first_sweepable(kind, class) : NULL;
      if (page)
        fail("no page is listed as sweepable during a trace", page->start,
             page);
    }
  if (listed != census->available_orphans)
    panic("verify: every available orphan is listed: %lu of %lu",
          (unsigned long)listed, (unsigned long)census->available_orphans);
}

// ---- Reachability -----------------------------------------------------------

// The block `word` points into, if it is live; a block that was freed from afar
// is not.  True if it ought to be marked and is not.
static bool leads_to_unmarked(uintptr_t word, struct page **page,
                              uintptr_t *block) {
  uintptr_t offset = word - space.low;
  if (LIKELY(offset >= space.used_bytes))
    return false;
  struct page *found = space.table[offset / SLICE_BYTES];
  if (!found || is_run(found))
    return false;
  size_t index = (word - found->start) / found->block_bytes;
  if (index >= found->block_count)
    return false;
  const struct cell *cell = &found->cells[index / CELL_BITS];
  uint64_t unmarked = cell->live & ~cell->mark;
  if (LIKELY(!(unmarked >> index % CELL_BITS & 1)))
    return false;
  *page = found;
  *block = found->start + index * found->block_bytes;
  return !(remote_bits(found, index / CELL_BITS) >> index % CELL_BITS & 1);
}

NO_SANITIZE_SCAN static void check_words(const char *law, uintptr_t low,
                                         uintptr_t high, bool is_stack) {
  const size_t word_bytes = sizeof(uintptr_t);
  struct page *page;
  uintptr_t block;
  low = (low + word_bytes - 1) / word_bytes * word_bytes;
  for (uintptr_t at = low; high - at >= word_bytes && at < high;
       at += word_bytes) {
    uintptr_t word = *(const uintptr_t *)at;
    if (UNLIKELY(leads_to_unmarked(word, &page, &block)))
      fail_edge(law, at, block, page);
    if (is_stack && UNLIKELY(leads_to_unmarked(word - 1, &page, &block)))
      fail_edge(law, at, block, page);
  }
}

static bool is_root_kind(const struct page *page) {
  return page->kind == KIND_UNCOLLECTABLE
         || (page->kind == KIND_MANUAL && options.manual_roots);
}

static void check_edges(struct page *page, struct census *census) {
  (void)census;
  if (is_run(page) || !is_scanned_kind(page))
    return;
  for (size_t i = 0; i < page->block_count; i++) {
    size_t cell = i / CELL_BITS;
    uint64_t live = page->cells[cell].live & ~remote_bits(page, cell);
    uint64_t mark = page->cells[cell].mark;
    uintptr_t block = page->start + i * page->block_bytes;
    if (mark >> i % CELL_BITS & 1)
      check_words("a block that a marked block points to is marked", block,
                  block + page->block_bytes, false);
    else if (live >> i % CELL_BITS & 1 && is_root_kind(page))
      fail("a live block that is a root by its kind is marked", block, page);
  }
}

static void check_stack(struct range range, void *context) {
  (void)context;
  check_words("a block that a stack points to is marked", range.low, range.high,
              true);
}

static void check_data(struct range range, void *context) {
  (void)context;
  check_words("a block that a root points to is marked", range.low, range.high,
              false);
}

// ---- All of it --------------------------------------------------------------

void verify_heap(uintptr_t stack_pointer) {
  struct census census = { 0 };
  struct root_visitor visitor = { check_stack, check_data, NULL };
  check_slices();
  for_each_page(check_page, &census);
  check_runs(&census);
  check_lists(&census);
  for_each_page(check_edges, &census);
  roots_visit(stack_pointer, &visitor);
}
