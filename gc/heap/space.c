// space.c -- runs of slices; see space.h

#include "heap/space.h"

#include <errno.h>

#include "base/bits.h"
#include "base/observer.h"
#include "base/options.h"
#include "heap/meta.h"
#include "heap/sizeclass.h"
#include "os/clock.h"
#include "os/memory.h"

#define RUN_BINS SPACE_RUN_BINS  // by the logarithm of the slices in a run

// A bounded window may take this share of a limit on addresses for its table
// and its reach; the rest is the program's.
#define LIMITED_WINDOW_HINTS 4
#define LIMITED_WINDOW_STEP ((uintptr_t)1 << 40)

// Fewer free bytes than this are not worth a look at the clock.
#define PURGE_WORTH_BYTES (MIB)
#define PURGES_PER_DECAY 4

struct space space;

enum run_state { RUN_DIRTY, RUN_CLEAN, RUN_STATES };

static struct {
  struct page *bins[RUN_STATES][RUN_BINS];
  size_t run_bytes[RUN_STATES];
  size_t window_bytes;
  size_t committed_bytes;       // from space.low up
  size_t table_committed_bytes;
  size_t limit_bytes;
  uint64_t purged_bytes;
  bool is_reserved;
} state;

// ---- Start ------------------------------------------------------------------

static bool reserve_window(void) {
  // Memcheck keeps a note of every 64 KiB of addresses, reserved ones too.
  size_t bytes =
    observer_is_present() ? SPACE_OBSERVED_BYTES : SPACE_MAX_BYTES;
  for (; bytes >= GIB; bytes /= 2) {
    uintptr_t low = (uintptr_t)os_memory_reserve(SPACE_HINT, bytes);
    if (!low)
      continue;
    space.low = round_up(low, SLICE_BYTES);
    state.window_bytes = round_down(bytes - (space.low - low), SLICE_BYTES);
    state.is_reserved = true;
    return true;
  }
  return false;
}

// Under a limit on addresses: no reservation, a window where nobody else maps.
static bool place_window(size_t limit) {
  state.window_bytes = round_down(limit, SLICE_BYTES);
  for (unsigned i = 0; i < LIMITED_WINDOW_HINTS; i++) {
    uintptr_t low = SPACE_HINT + i * LIMITED_WINDOW_STEP;
    void *probe = os_memory_map_at(low, SLICE_BYTES);
    if (!probe)
      continue;
    os_memory_unmap(probe, SLICE_BYTES);
    space.low = low;
    return true;
  }
  return false;
}

int space_init(void) {
  state.limit_bytes = options.limit_bytes;
  size_t limit = os_memory_address_limit();
  bool ok = limit == SIZE_MAX ? reserve_window() : place_window(limit);
  if (!ok)
    return -ENOMEM;
  size_t slices = state.window_bytes >> SLICE_SHIFT;
  size_t table_bytes =
    round_up(slices * sizeof space.table[0], os_page_bytes());
  space.table = os_memory_reserve(0, table_bytes);
  return space.table ? 0 : -ENOMEM;
}

// ---- Runs -------------------------------------------------------------------

static size_t slice_of(uintptr_t address) {
  return (address - space.low) >> SLICE_SHIFT;
}

static size_t first_slice(const struct page *page) {
  return slice_of(page->start);
}

static struct page **run_bin(const struct page *run) {
  return &state.bins[run->is_clean][bits_highest(run->slice_count)];
}

static void run_list(struct page *run) {
  struct page **bin = run_bin(run);
  run->previous = NULL;
  run->next = *bin;
  if (*bin)
    (*bin)->previous = run;
  *bin = run;
  state.run_bytes[run->is_clean] += run->slice_count * SLICE_BYTES;
  space.table[first_slice(run)] = run;
  space.table[first_slice(run) + run->slice_count - 1] = run;
}

static void run_unlist(struct page *run) {
  if (run->previous)
    run->previous->next = run->next;
  else
    *run_bin(run) = run->next;
  if (run->next)
    run->next->previous = run->previous;
  state.run_bytes[run->is_clean] -= run->slice_count * SLICE_BYTES;
  space.table[first_slice(run)] = NULL;
  space.table[first_slice(run) + run->slice_count - 1] = NULL;
}

static struct page *run_at(size_t slice, bool is_clean) {
  if (slice >= space.used_bytes >> SLICE_SHIFT)
    return NULL;
  struct page *run = space.table[slice];
  return run && run->kind == KIND_FREE_RUN && run->is_clean == is_clean
           ? run
           : NULL;
}

// Lists the run after merging it with its neighbours of the same state.
static void run_merge_and_list(struct page *run) {
  struct page *after = run_at(first_slice(run) + run->slice_count,
                              run->is_clean);
  if (after) {
    run_unlist(after);
    run->slice_count += after->slice_count;
    meta_free(META_PAGES, after, after->meta_bytes);
  }
  struct page *before = run_at(first_slice(run) - 1, run->is_clean);
  if (before) {
    run_unlist(before);
    run->start = before->start;
    run->slice_count += before->slice_count;
    meta_free(META_PAGES, before, before->meta_bytes);
  }
  run_list(run);
}

static void run_init(struct page *run, uintptr_t start, size_t slice_count,
                     bool is_clean) {
  uint32_t meta_size = run->meta_bytes;
  page_clear(run, page_meta_bytes(1));
  run->meta_bytes = meta_size;
  run->start = start;
  run->slice_count = (uint32_t)slice_count;
  run->kind = KIND_FREE_RUN;
  run->is_clean = is_clean;
  run->free_since_ms = os_clock_coarse_ms();
}

static struct page *run_allocate(void) {
  struct page *run = meta_allocate(META_PAGES, page_meta_bytes(1));
  if (run)
    run->meta_bytes = (uint32_t)page_meta_bytes(1);
  return run;
}

// Slices to skip at the run's start for the alignment.
static size_t alignment_gap(const struct page *run, size_t alignment) {
  return (round_up(run->start, alignment) - run->start) >> SLICE_SHIFT;
}

static struct page *run_find(bool is_clean, size_t slice_count,
                             size_t alignment) {
  for (unsigned bin = bits_highest(slice_count); bin < RUN_BINS; bin++)
    for (struct page *run = state.bins[is_clean][bin]; run; run = run->next)
      if (run->slice_count >= slice_count + alignment_gap(run, alignment))
        return run;
  return NULL;
}

// Cuts slices out of a run; what is left of it on either side stays a run.
// NULL if metadata is short; else an unlisted run of exactly that size.
static struct page *run_cut(struct page *run, size_t slice_count,
                            size_t alignment) {
  size_t gap = alignment_gap(run, alignment);
  size_t rest = run->slice_count - gap - slice_count;
  struct page *before = gap ? run_allocate() : NULL;
  struct page *after = rest ? run_allocate() : NULL;
  if ((gap && !before) || (rest && !after)) {
    if (before)
      meta_free(META_PAGES, before, before->meta_bytes);
    if (after)
      meta_free(META_PAGES, after, after->meta_bytes);
    return NULL;
  }
  run_unlist(run);
  uintptr_t start = run->start + gap * SLICE_BYTES;
  if (before) {
    run_init(before, run->start, gap, run->is_clean);
    before->free_since_ms = run->free_since_ms;
    run_list(before);
  }
  if (after) {
    run_init(after, start + slice_count * SLICE_BYTES, rest, run->is_clean);
    after->free_since_ms = run->free_since_ms;
    run_list(after);
  }
  run->start = start;
  run->slice_count = (uint32_t)slice_count;
  return run;
}

// ---- Growth -----------------------------------------------------------------

static size_t footprint_bytes(void) {
  return state.committed_bytes - state.run_bytes[RUN_CLEAN];
}

static int commit_table(size_t slices) {
  size_t need = round_up(slices * sizeof space.table[0], os_page_bytes());
  if (need <= state.table_committed_bytes)
    return 0;
  char *at = (char *)space.table + state.table_committed_bytes;
  int error = os_memory_commit(at, need - state.table_committed_bytes);
  if (!error)
    state.table_committed_bytes = need;
  return error;
}

static int commit_slices(uintptr_t at, size_t bytes) {
  if (state.is_reserved)
    return os_memory_commit((void *)at, bytes);
  return os_memory_map_at(at, bytes) ? 0 : -ENOMEM;
}

static size_t commit_step(size_t need) {
  size_t step = state.committed_bytes / 8;
  step = step < COMMIT_MIN_BYTES ? COMMIT_MIN_BYTES : step;
  step = step > COMMIT_MAX_BYTES ? COMMIT_MAX_BYTES : step;
  step = step < need ? need : step;
  size_t left = state.window_bytes - state.committed_bytes;
  return round_down(step < left ? step : left, SLICE_BYTES);
}

// Commits `bytes` more and lists them as a clean run.
static bool grow_by(size_t bytes) {
  uintptr_t at = space.low + state.committed_bytes;
  if (commit_table((state.committed_bytes + bytes) >> SLICE_SHIFT))
    return false;
  struct page *run = run_allocate();
  if (!run)
    return false;
  if (commit_slices(at, bytes)) {
    meta_free(META_PAGES, run, run->meta_bytes);
    return false;
  }
  if (options.huge_pages && state.committed_bytes >= HUGE_PAGES_FROM_BYTES)
    os_memory_want_huge((void *)at, bytes);
  state.committed_bytes += bytes;
  space.used_bytes = state.committed_bytes;
  // The first slice of the window is never used: the address in space.low,
  // which a static program scans, then keeps nothing alive.
  size_t skip = at == space.low ? SLICE_BYTES : 0;
  run_init(run, at + skip, (bytes - skip) >> SLICE_SHIFT, true);
  run_merge_and_list(run);
  return true;
}

static bool grow(size_t slice_count, size_t alignment) {
  size_t need = slice_count * SLICE_BYTES;
  if (alignment > SLICE_BYTES)
    need += alignment;
  if (state.committed_bytes == 0)
    need += SLICE_BYTES;
  size_t left = state.window_bytes - state.committed_bytes;
  if (need > left)
    return false;
  size_t step = commit_step(need);
  return grow_by(step) || (step > need && grow_by(need));
}

// ---- Pages ------------------------------------------------------------------

static bool is_within_limit(size_t bytes) {
  if (state.limit_bytes == 0)
    return true;
  return bytes <= state.limit_bytes
         && footprint_bytes() <= state.limit_bytes - bytes;
}

// A run of exactly this size, unlisted: dirty by preference, since it is
// resident; then clean, then fresh, then whatever a purge lets merge.
static struct page *take_run(size_t slice_count, size_t alignment) {
  struct page *run = run_find(false, slice_count, alignment);
  if (run)
    return run_cut(run, slice_count, alignment);
  size_t bytes = slice_count * SLICE_BYTES;
  if (!is_within_limit(bytes)) {
    space_purge(UINT64_MAX, 0);
    if (!is_within_limit(bytes))
      return NULL;
  }
  run = run_find(true, slice_count, alignment);
  if (!run && grow(slice_count, alignment))
    run = run_find(true, slice_count, alignment);
  if (!run && state.run_bytes[RUN_DIRTY] >= bytes) {
    space_purge(UINT64_MAX, 0);
    run = run_find(true, slice_count, alignment);
  }
  return run ? run_cut(run, slice_count, alignment) : NULL;
}

static void name_slices(struct page *page, struct page *entry) {
  size_t first = first_slice(page);
  for (size_t i = 0; i < page->slice_count; i++)
    space.table[first + i] = entry;
}

struct page *space_page_create(size_t slice_count, size_t alignment,
                               size_t block_bytes, unsigned kind,
                               unsigned class) {
  if (slice_count > state.window_bytes >> SLICE_SHIFT)
    return NULL;
  size_t blocks = class == SIZECLASS_LARGE
                    ? 1
                    : slice_count * SLICE_BYTES / block_bytes;
  struct page *page = meta_allocate(META_PAGES, page_meta_bytes(blocks));
  if (!page)
    return NULL;
  struct page *run = take_run(slice_count, alignment);
  if (!run) {
    meta_free(META_PAGES, page, page_meta_bytes(blocks));
    return NULL;
  }
  page_init(page, run->start, slice_count, block_bytes, kind, class,
            run->is_clean);
  meta_free(META_PAGES, run, run->meta_bytes);
  if (!kind_is_manual(kind))
    observer_define((void *)page->start, slice_count * SLICE_BYTES);
  COMPILER_BARRIER();  // the table names a page that is complete
  name_slices(page, page);
  return page;
}

void space_purge_now_and_then(void) {
  static uint64_t next_ms;
  if (state.run_bytes[RUN_DIRTY] < PURGE_WORTH_BYTES)
    return;
  uint64_t now = os_clock_coarse_ms();
  if (now < next_ms)
    return;
  next_ms = now + options.decay_ms / PURGES_PER_DECAY;
  if (now >= options.decay_ms)
    space_purge(now - options.decay_ms, 0);
}

void space_page_destroy(struct page *page) {
  name_slices(page, NULL);
  run_init(page, page->start, page->slice_count, false);
  run_merge_and_list(page);
}

bool space_page_extend(struct page *page, size_t slice_count) {
  size_t more = slice_count - page->slice_count;
  size_t end = first_slice(page) + page->slice_count;
  struct page *run = run_at(end, false);
  if (!run)
    run = run_at(end, true);
  if (!run || run->slice_count < more || first_slice(run) != end)
    return false;
  if (run->is_clean && !is_within_limit(more * SLICE_BYTES))
    return false;
  run = run_cut(run, more, SLICE_BYTES);
  if (!run)
    return false;
  if (!kind_is_manual(page->kind))
    observer_define((void *)run->start, more * SLICE_BYTES);
  meta_free(META_PAGES, run, run->meta_bytes);
  page->slice_count += (uint32_t)more;
  name_slices(page, page);
  return true;
}

void space_page_shrink(struct page *page, size_t slice_count) {
  struct page *run = run_allocate();
  if (!run)
    return;  // keeps its length: nothing is lost but the slices' use
  size_t rest = page->slice_count - slice_count;
  run_init(run, page->start + slice_count * SLICE_BYTES, rest, false);
  name_slices(run, NULL);
  page->slice_count = (uint32_t)slice_count;
  run_merge_and_list(run);
}

void space_visit_pages(void (*visit)(struct page *page, void *context),
                       void *context) {
  size_t slice = 0;
  while (slice < space.used_bytes >> SLICE_SHIFT) {
    struct page *page = space.table[slice];
    if (!page) {
      slice++;
      continue;
    }
    slice = first_slice(page) + page->slice_count;
    if (page->kind != KIND_FREE_RUN)
      visit(page, context);
  }
}

// ---- Purge ------------------------------------------------------------------

static bool purge_run(struct page *run) {
  size_t bytes = run->slice_count * SLICE_BYTES;
  if (os_memory_purge((void *)run->start, bytes))
    return false;
  run_unlist(run);
  run->is_clean = true;
  run_merge_and_list(run);
  state.purged_bytes += bytes;
  return true;
}

// The dirty bytes that are more than `keep_bytes`, in whole slices.
static size_t purgeable_bytes(size_t keep_bytes) {
  size_t dirty = state.run_bytes[RUN_DIRTY];
  return dirty > keep_bytes ? round_down(dirty - keep_bytes, SLICE_BYTES) : 0;
}

// Makes the run at most `bytes` long; the rest is listed as one of its own.
// False if metadata is short.
static bool run_shorten(struct page *run, size_t bytes) {
  if (run->slice_count * SLICE_BYTES <= bytes)
    return true;
  if (!run_cut(run, bytes >> SLICE_SHIFT, SLICE_BYTES))
    return false;
  run_list(run);
  return true;
}

size_t space_purge(uint64_t before_ms, size_t keep_bytes) {
  size_t purged = 0;
  for (unsigned bin = RUN_BINS; bin-- > 0;) {
    struct page *next;
    for (struct page *run = state.bins[RUN_DIRTY][bin]; run; run = next) {
      next = run->next;  // a purged run merges with clean ones only
      size_t excess = purgeable_bytes(keep_bytes);
      if (excess == 0)
        return purged;
      if (run->free_since_ms > before_ms || !run_shorten(run, excess))
        continue;
      size_t bytes = run->slice_count * SLICE_BYTES;
      if (!purge_run(run)) {
        run_unlist(run);  // a piece of it may lie beside it
        run_merge_and_list(run);
        return purged;
      }
      purged += bytes;
    }
  }
  return purged;
}

// ---- Figures ----------------------------------------------------------------

const struct page *space_first_run(bool is_clean, unsigned bin) {
  return state.bins[is_clean][bin];
}

size_t space_committed_bytes(void) { return footprint_bytes(); }
size_t space_free_bytes(void) { return state.run_bytes[RUN_DIRTY]; }
uint64_t space_purged_bytes(void) { return state.purged_bytes; }
void space_set_limit(size_t bytes) { state.limit_bytes = bytes; }
size_t space_limit(void) { return state.limit_bytes; }
