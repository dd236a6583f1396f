// test_verify.c -- the heap verifier sees each law broken
//
// A child process each: it makes a heap with a bit of everything, traces it as
// a collection does, damages one thing, and lets the verifier look.  That must
// end in one line that names the law, and in abort().  The heap without damage
// must pass in silence, or the rest proves nothing.
//
// A plain program: cmocka wants the signals that are expected here.

#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/settings.h"
#include "collect/cycle.h"
#include "heap/central.h"
#include "heap/heap.h"
#include "heap/meta.h"
#include "insight/verify.h"
#include "mark/mark.h"
#include "os/objects.h"
#include "os/thread.h"
#include "roots/roots.h"
#include "roots/threads.h"

#define SMALL_BYTES 48
#define LARGE_BYTES (5 * SLICE_BYTES)

// What a root of each kind leads to.  Where a test is about one root, no other
// may lead there: those addresses are kept as their complement, and blocks are
// made by a thread whose stack is gone by the time of the trace.
static struct {
  void *holder;    // automatic; its first word leads to ...
  uintptr_t held;  // ... this one (complement)
  void *by_data;
  uintptr_t by_tls;  // complements, all below
  uintptr_t by_stack;
  uintptr_t by_manual;
  void *uncollectable, *manual, *manual_holder;
  void *young_manual;  // of the main thread: its page has an owner
  void *young;         // the same, automatic
  void *large[6];
} things;

static _Thread_local void *volatile tls_root;

static uintptr_t hidden(void *block) { return ~(uintptr_t)block; }

static void *make_things(void *unused) {
  (void)unused;
  void **holder = gc_malloc(SMALL_BYTES);
  holder[0] = gc_malloc(SMALL_BYTES);
  things.holder = holder;
  things.held = hidden(holder[0]);
  things.by_data = gc_malloc(SMALL_BYTES);
  things.by_tls = hidden(gc_malloc(SMALL_BYTES));
  things.by_stack = hidden(gc_malloc(SMALL_BYTES));
  things.uncollectable = gc_malloc_uncollectable(SMALL_BYTES);
  things.manual = mm_malloc(SMALL_BYTES);
  void **manual_holder = mm_calloc(1, SMALL_BYTES);
  manual_holder[0] = gc_malloc(SMALL_BYTES);
  things.manual_holder = manual_holder;
  things.by_manual = hidden(manual_holder[0]);
  for (unsigned i = 0; i < 6; i++)
    things.large[i] = gc_malloc_atomic(LARGE_BYTES);
  return NULL;
}

static void make_heap(void) {
  pthread_t maker;
  gc_disable();
  things.young = gc_malloc(SMALL_BYTES);  // also: the maker is no first thread
  if (pthread_create(&maker, NULL, make_things, NULL))
    abort();
  pthread_join(maker, NULL);
  things.young_manual = mm_malloc(2000);
  gc_free(things.large[1]);  // two dirty runs of the same length, pages around
  gc_free(things.large[3]);
  things.large[1] = things.large[3] = NULL;
}

// ---- Finding one's way ------------------------------------------------------

static struct page *page_at(void *block) {
  return space_page_of((uintptr_t)block);
}

static uint64_t bit_at(void *block) {
  uint64_t index = page_block_of(page_at(block), (uintptr_t)block).index;
  return (uint64_t)1 << index % 64;
}

static struct cell *cell_at(void *block) {
  struct page *page = page_at(block);
  return page_cell(page, page_block_of(page, (uintptr_t)block).index);
}

static struct page **entry_at(void *block) {
  return &space.table[((uintptr_t)block - space.low) >> SLICE_SHIFT];
}

static void clear_mark(void *block) { cell_at(block)->mark &= ~bit_at(block); }

static void clear_mark_of_hidden(uintptr_t complement) {
  clear_mark((void *)~complement);
}

static struct page *auto_page(void) { return page_at(things.holder); }
static struct page *manual_page(void) { return page_at(things.manual); }
static struct page *large_page(void) { return page_at(things.large[0]); }
static struct page *owned_page(void) { return page_at(things.young_manual); }

// The dirty run between two large pages.
static struct page *dirty_run(void) {
  struct page *before = large_page();
  return space
    .table[(before->start - space.low) / SLICE_BYTES + before->slice_count];
}

// The run at the end of the range, which is clean and long.
static struct page *last_run(void) {
  return space.table[space.used_bytes / SLICE_BYTES - 1];
}

static struct cell *last_cell(struct page *page) {
  return &page->cells[page->cell_count - 1];
}

// ---- Damage -----------------------------------------------------------------

static void nothing(void) {}

static void use_first_slice(void) { space.table[0] = auto_page(); }
static void forget_page(void) { *entry_at(things.holder) = NULL; }
static void name_other_page(void) { *entry_at(things.holder) = manual_page(); }
static void name_other_inside(void) {
  *entry_at((char *)things.large[0] + 2 * SLICE_BYTES) = auto_page();
}
static void forget_slice_inside(void) {
  *entry_at((char *)things.large[0] + 2 * SLICE_BYTES) = NULL;
}
static void name_run_inside(void) {
  *entry_at((void *)(dirty_run()->start + SLICE_BYTES)) = dirty_run();
}
static void move_page(void) { auto_page()->start += SLICE_BYTES; }
static void empty_page(void) { auto_page()->slice_count = 0; }
static void widen_last_run(void) { last_run()->slice_count += 1; }
static void widen_page(void) { large_page()->slice_count += 1; }

static void split_run(void) {
  struct page *run = last_run();
  struct page *rest = meta_allocate(META_PAGES, page_meta_bytes(1));
  memcpy(rest, run, page_meta_bytes(1));
  rest->start += SLICE_BYTES;
  rest->slice_count -= 1;
  run->slice_count = 1;
  *entry_at((void *)run->start) = run;
  *entry_at((void *)rest->start) = rest;
  space.table[space.used_bytes / SLICE_BYTES - 1] = rest;
}
static void soil_run(void) { last_run()->is_clean = false; }
static void clean_run(void) { dirty_run()->is_clean = true; }
static void break_run_link(void) { dirty_run()->previous = last_run(); }
static void unlink_run(void) {
  const struct page *run = dirty_run();
  while (run->previous)
    run = run->previous;
  ((struct page *)(uintptr_t)run)->next = NULL;
}
static void give_run_a_block(void) { dirty_run()->cells[0].live = 1; }

static void spoil_kind(void) { auto_page()->kind = 7; }
static void spoil_class(void) { auto_page()->class = SIZECLASS_LARGE + 1; }
static void spoil_block_bytes(void) { auto_page()->block_bytes += 16; }
static void spoil_block_count(void) { auto_page()->block_count -= 1; }
static void spoil_reciprocal(void) { auto_page()->reciprocal += 1; }
static void spoil_cell_count(void) { auto_page()->cell_count -= 1; }
static void spoil_meta_bytes(void) { auto_page()->meta_bytes -= 64; }
static void spoil_is_scanned(void) { auto_page()->is_scanned = false; }
static void spoil_large_count(void) { large_page()->block_count = 2; }
static void spoil_large_reciprocal(void) { large_page()->reciprocal = 3; }
static void spoil_large_bytes(void) { large_page()->block_bytes *= 2; }

static void set_live_past_last(void) {
  last_cell(auto_page())->live |= (uint64_t)1 << 63;
}
static void set_mark_past_last(void) {
  last_cell(auto_page())->mark |= (uint64_t)1 << 63;
}
static void mark_free_block(void) { last_cell(auto_page())->mark |= 1; }
static void unlive_marked_block(void) {
  cell_at(things.holder)->live &= ~bit_at(things.holder);
}
static void free_free_block_from_afar(void) {
  page_remote(manual_page())[0] |= (AO_t)1 << 60;
}
static void deny_marks(void) { auto_page()->has_marks = false; }

static void set_strange_owner(void) {
  owned_page()->owner = meta_allocate(META_TABLES, sizeof(struct cache));
  owned_page()->local = NULL;
}
static void set_recycled_owner(void) {
  for (struct cache *cache = all_caches; cache; cache = cache->next)
    if (cache->is_recycled)
      owned_page()->owner = cache;
  owned_page()->local = NULL;
}
static void take_owner(void) {
  owned_page()->owner = NULL;
  owned_page()->local = NULL;
  owned_page()->state = PAGE_UNLISTED;
}
static void own_large_page(void) { large_page()->owner = all_caches; }
static void set_strange_local(void) {
  page_at(things.young)->local = page_at(things.young)->owner;
}
static void list_unowned_page(void) { auto_page()->state = PAGE_AVAILABLE; }
static void make_sweepable(void) { auto_page()->state = PAGE_SWEEPABLE; }
static void make_unswept(void) { auto_page()->is_unswept = true; }
static void list_sweepable(void) {
  central_list_sweepable(auto_page());
  auto_page()->state = PAGE_UNLISTED;
}

static void use_orphan(void) { manual_page()->state = PAGE_CURRENT; }
static void orphan_automatic_page(void) { auto_page()->owner = &orphans; }
static void fill_orphan(void) {
  for (uint64_t i = 0; i < manual_page()->block_count; i++)
    page_cell(manual_page(), i)->live |= (uint64_t)1 << i % 64;
}
static void unlist_orphan(void) {
  struct page *page = manual_page();
  available_remove(&orphans.slots[page->kind][page->class].available, page);
}
static void list_orphan_twice(void) {
  orphans.slots[KIND_MANUAL][SIZECLASS_COUNT - 1].available = manual_page();
}
static void break_orphan_link(void) { manual_page()->previous = auto_page(); }
static void list_owned_page(void) {
  struct page *page = owned_page();
  orphans.slots[page->kind][page->class].available = page;
}

static void unmark_held(void) { clear_mark_of_hidden(things.held); }
static void unmark_held_by_manual(void) {
  clear_mark_of_hidden(things.by_manual);
}
static void unmark_uncollectable(void) { clear_mark(things.uncollectable); }
static void unmark_manual(void) { clear_mark(things.manual); }
static void unmark_by_data(void) { clear_mark(things.by_data); }
static void unmark_by_tls(void) { clear_mark_of_hidden(things.by_tls); }
static void unmark_by_stack(void) { clear_mark_of_hidden(things.by_stack); }

struct damage {
  void (*inflict)(void);
  const char *law;      // NULL: none is broken
  size_t stack_offset;  // of the pointer on the stack, into its block
};

#define TILE "the table names a page at each slice, a run at its ends"
#define BEGIN "pages and runs begin where the table first names them"
#define BY_STACK "a block that a stack points to is marked"
#define BY_ROOT "a block that a root points to is marked"
#define BY_BLOCK "a block that a marked block points to is marked"

static const struct damage damages[] = {
  { nothing, NULL, 0 },
  { use_first_slice, "the first slice is never used", 0 },
  { forget_page, "pages and runs tile the range", 0 },
  { name_other_page, BEGIN, 0 },
  { name_other_inside, TILE, 0 },
  { forget_slice_inside, TILE, 0 },
  { name_run_inside, TILE, 0 },
  { move_page, BEGIN, 0 },
  { empty_page, "pages and runs end within the range", 0 },
  { widen_last_run, "pages and runs end within the range", 0 },
  { widen_page, TILE, 0 },
  { split_run, "adjacent runs of the same state are merged", 0 },
  { soil_run, "dirty and clean runs lie apart", 0 },
  { clean_run, "dirty and clean runs lie apart", 0 },
  { break_run_link, "a bin's links agree", 0 },
  { unlink_run, "every run is in a bin", 0 },
  { give_run_a_block, "nothing is live in a run", 0 },
  { spoil_kind, "a page has a kind", 0 },
  { spoil_class, "a page has a size class", 0 },
  { spoil_block_bytes, "blocks have the size of their class", 0 },
  { spoil_block_count, "a page has as many blocks as fit", 0 },
  { spoil_reciprocal, "the reciprocal is that of the block size", 0 },
  { spoil_cell_count, "cells have a bit for each block and one more", 0 },
  { spoil_meta_bytes, "bitmaps fit their metadata", 0 },
  { spoil_is_scanned, "a page is scanned if its kind is", 0 },
  { spoil_large_count, "a large page has one block", 0 },
  { spoil_large_reciprocal, "a large page's reciprocal is 1", 0 },
  { spoil_large_bytes, "a large block fits its slices", 0 },
  { set_live_past_last, "no bit past the last block is live", 0 },
  { set_mark_past_last, "no bit past the last block is marked", 0 },
  { mark_free_block, "only live blocks are marked", 0 },
  { unlive_marked_block, "only live blocks are marked", 0 },
  { free_free_block_from_afar, "only live blocks are freed from afar", 0 },
  { deny_marks, "a page with a mark says so", 0 },
  { set_strange_owner, "an owner is a cache or the orphans", 0 },
  { set_recycled_owner, "an owner has a thread", 0 },
  { take_owner, "a page that is not swept has an owner", 0 },
  { own_large_page, "a large page has no owner", 0 },
  { set_strange_local, "local is the owner", 0 },
  { list_unowned_page, "a page without owner is in no list", 0 },
  { make_sweepable, "nothing is to sweep after a trace", 0 },
  { make_unswept, "every page is swept before a trace", 0 },
  { list_sweepable, "no page is listed as sweepable during a trace", 0 },
  { use_orphan, "an orphan is full or available", 0 },
  { orphan_automatic_page, "an automatic page is nobody's orphan", 0 },
  { fill_orphan, "an available page has room", 0 },
  { unlist_orphan, "every available orphan is listed", 0 },
  { list_orphan_twice, "orphans are listed by kind and class", 0 },
  { break_orphan_link, "the orphans' links agree", 0 },
  { list_owned_page, "the orphans' list holds orphans", 0 },
  { unmark_held, BY_BLOCK, 0 },
  { unmark_held_by_manual, BY_BLOCK, 0 },
  { unmark_uncollectable, "a root by its kind is marked", 0 },
  { unmark_manual, "a root by its kind is marked", 0 },
  { unmark_by_data, BY_ROOT, 0 },
  { unmark_by_tls, BY_ROOT, 0 },
  { unmark_by_stack, BY_STACK, 0 },
  { unmark_by_stack, BY_STACK, SMALL_BYTES },  // one past its end
};

#define DAMAGES (sizeof damages / sizeof damages[0])

// ---- The child --------------------------------------------------------------

struct run {
  const struct damage *damage;
  uintptr_t stack_pointer;
};

// As collect/cycle.c does it, up to the verifier.
static void run_frozen(void *context) {
  const struct run *run = context;
  struct root_visitor visitor = { mark_stack_range, mark_data_range, NULL };
  lock_take(&collect_lock);
  world_stop();
  heap_prepare_trace();
  mark_begin();
  roots_visit(run->stack_pointer, &visitor);
  mark_finish();
  run->damage->inflict();
  verify_heap(run->stack_pointer);
  world_restart();
  lock_release(&collect_lock);
}

static void run_with_registers(uintptr_t stack_pointer, void *context) {
  struct run *run = context;
  run->stack_pointer = stack_pointer;
  os_objects_freeze(run_frozen, run);
}

static void inflict_in_this_process(const struct damage *damage) {
  struct rlimit no_core = { 0, 0 };
  setrlimit(RLIMIT_CORE, &no_core);
  make_heap();
  tls_root = (void *)~things.by_tls;
  volatile uintptr_t stack_root = ~things.by_stack + damage->stack_offset;
  struct run run = { damage, 0 };
  os_thread_with_registers(run_with_registers, &run);
  (void)stack_root;
  exit(EXIT_SUCCESS);
}

// ---- The parent -------------------------------------------------------------

// The child's last words; returns its status.
static int run_child(const struct damage *damage, char *words, size_t size) {
  int ends[2], status;
  if (pipe(ends))
    abort();
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    inflict_in_this_process(damage);
  }
  close(ends[1]);
  size_t length = 0;
  ssize_t got;
  while ((got = read(ends[0], words + length, size - 1 - length)) > 0)
    length += (size_t)got;
  words[length] = '\0';
  close(ends[0]);
  waitpid(child, &status, 0);
  return status;
}

static int is_one_line(const char *words) {
  const char *end = strchr(words, '\n');
  return end && end[1] == '\0';
}

static int is_as_expected(const struct damage *damage, const char *words,
                          int status) {
  if (!damage->law)
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 && !*words;
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT
         && is_one_line(words) && strncmp(words, "gleaner: verify: ", 17) == 0
         && strstr(words, damage->law);
}

int main(void) {
  int wrong = 0;
  for (size_t i = 0; i < DAMAGES; i++) {
    char words[1024];
    int status = run_child(&damages[i], words, sizeof words);
    int ok = is_as_expected(&damages[i], words, status);
    printf("%s %lu - %s\n", ok ? "ok" : "not ok", (unsigned long)i + 1,
           damages[i].law ? damages[i].law : "a heap without damage passes");
    if (!ok)
      printf("# status %x, words: %s\n", (unsigned)status, words);
    wrong += !ok;
  }
  return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
