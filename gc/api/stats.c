// stats.c -- gc_get_stats() and the event callback; see include/gleaner/gc.h

#include <errno.h>
#include <gleaner/gc.h>
#include <string.h>

#include "api/wire.h"
#include "collect/cycle.h"
#include "heap/heap.h"
#include "heap/meta.h"
#include "mark/worklist.h"
#include "os/memory.h"
#include "roots/threads.h"

#define STATS_VERSION 1

// ---- Statistics -------------------------------------------------------------------------

static void count_page(struct page *page, void *context) {
  struct gc_stats *stats = context;
  if (kind_is_swept(page->kind))
    return;
  size_t blocks = page_live_count(page), remote = page_remote_count(page);
  blocks = blocks > remote ? blocks - remote : 0;  // the world is not stopped
  size_t bytes = blocks * page->block_bytes;
  if (page->kind == KIND_UNCOLLECTABLE) {
    stats->uncollectable_bytes += bytes;
  } else {
    stats->manual_blocks += blocks;
    stats->manual_bytes += bytes;
  }
}

static void read_heap(struct gc_stats *stats) {
  stats->heap_bytes = space_committed_bytes();
  stats->metadata_bytes = meta_bytes() + worklist_bytes();
  stats->free_page_bytes = space_free_bytes();
  stats->allocated_bytes = heap_allocated_total();
  stats->allocated_since_bytes = atomic_load(&heap_allocated_bytes);
  stats->next_collection_bytes = atomic_load(&heap_trigger_bytes);
  stats->heap_limit_bytes = space_limit();
  stats->kernel_requests = os_memory_requests();
  stats->purged_bytes = space_purged_bytes();
  space_visit_pages(count_page, stats);
}

static void read_cycle(struct gc_stats *stats) {
  const struct cycle_figures *figures = &cycle_figures;
  stats->collections = figures->collections;
  stats->live_bytes = figures->last.automatic_bytes;
  stats->marked_bytes = figures->marked_bytes;
  stats->unreached_manual_bytes = figures->last.unreached_manual_bytes;
  stats->unreached_manual_blocks = figures->last.unreached_manual_blocks;
  stats->root_bytes = figures->last.root_bytes;
  stats->pause_last_ns = figures->pause_last_ns;
  stats->pause_max_ns = figures->pause_max_ns;
  stats->pause_total_ns = figures->pause_total_ns;
  stats->stop_last_ns = figures->stop_last_ns;
  stats->mark_last_ns = figures->mark_last_ns;
}

int gc_get_stats(struct gc_stats *stats, size_t size) {
  if (size == 0)
    return -EINVAL;
  struct gc_stats all;
  memset(&all, 0, sizeof all);
  all.version = STATS_VERSION;
  if (wire_ensure()) {
    cycle_lock();
    lock_take(&threads_lock);
    lock_take(&heap_lock);
    read_heap(&all);
    read_cycle(&all);
    all.threads = threads_count();
    lock_release(&heap_lock);
    lock_release(&threads_lock);
    cycle_unlock();
  }
  memset(stats, 0, size);
  memcpy(stats, &all, size < sizeof all ? size : sizeof all);
  return 0;
}

// ---- Events -----------------------------------------------------------------------------

static struct {
  gc_event_callback function;
  void *context;
} callback;

static enum gc_event_kind kind_of(enum cycle_phase phase) {
  switch (phase) {
  case CYCLE_START: return GC_EVENT_COLLECTION_START;
  case CYCLE_PAUSE_BEGIN: return GC_EVENT_PAUSE_BEGIN;
  case CYCLE_PAUSE_END: return GC_EVENT_PAUSE_END;
  case CYCLE_END: break;
  }
  return GC_EVENT_COLLECTION_END;
}

static void pass_on(const struct cycle_event *event) {
  bool is_after = event->phase >= CYCLE_PAUSE_END;
  struct gc_event public_event = {
    .kind = kind_of(event->phase),
    .time_ns = event->time_ns,
    .collection = cycle_figures.collections + !is_after,
    .cause = event->cause,
    .pause_ns = event->pause_ns,
  };
  if (event->phase == CYCLE_END) {
    public_event.live_bytes = cycle_figures.last.automatic_bytes;
    public_event.heap_bytes = space_committed_bytes();
  }
  if (callback.function)
    callback.function(&public_event, callback.context);
}

void gc_set_event_callback(gc_event_callback function, void *context) {
  if (!wire_ensure())
    return;
  cycle_lock();
  callback.function = function;
  callback.context = context;
  cycle_listener_hook = function ? pass_on : NULL;
  cycle_unlock();
}
