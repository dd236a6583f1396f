// cycle.c -- see cycle.h

#include "collect/cycle.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/atomic.h"
#include "base/format.h"
#include "base/observer.h"
#include "base/options.h"
#include "base/settings.h"
#include "collect/pacing.h"
#include "heap/heap.h"
#include "os/clock.h"
#include "os/objects.h"
#include "os/thread.h"
#include "roots/roots.h"
#include "roots/threads.h"

struct lock collect_lock = LOCK_INIT(LOCK_COLLECT);
struct gate cycle_fork_gate;
struct cycle_figures cycle_figures;
cycle_listener cycle_listener_hook;

static volatile atomic_word disabled;  // nesting
static struct thread *volatile collecting;  // who holds collect_lock to collect

static bool is_collecting(void) {
  return collecting && collecting == threads_self();
}

void cycle_lock(void) {
  if (!is_collecting())
    lock_take(&collect_lock);
}

void cycle_unlock(void) {
  if (!is_collecting())
    lock_release(&collect_lock);
}

struct cycle {
  const char *cause;
  uintptr_t stack_pointer;
  uint64_t pause_begin_ns, pause_ns;
  bool is_done;
};

void cycle_init(void) {
  if (options.disable)
    cycle_disable();
  pacing_update(0);
}

// ---- Telling ----------------------------------------------------------------------------

static void tell(const struct cycle *cycle, enum cycle_phase phase,
                 uint64_t time_ns) {
  if (!cycle_listener_hook)
    return;
  struct cycle_event event = { phase, cycle->cause, time_ns, cycle->pause_ns };
  struct thread *self = threads_self();
  self->is_telling = true;  // what it allocates collects nothing
  cycle_listener_hook(&event);
  self->is_telling = false;
}

static void print_figures(const struct cycle *cycle) {
  uint64_t pause_us = cycle->pause_ns / 1000;
  uint64_t live_kib = cycle_figures.last.automatic_bytes / KIB;
  print_line("collection %lu (%s): pause %lu.%03lu ms, live %lu KiB, "
             "heap %lu KiB",
             (unsigned long)cycle_figures.collections, cycle->cause,
             (unsigned long)(pause_us / 1000), (unsigned long)(pause_us % 1000),
             (unsigned long)live_kib,
             (unsigned long)(space_committed_bytes() / KIB));
}

static void note_figures(struct cycle *cycle,
                         const struct mark_figures *marked, uint64_t now) {
  cycle->pause_ns = now - cycle->pause_begin_ns;
  struct cycle_figures *figures = &cycle_figures;
  figures->collections++;
  figures->pause_last_ns = cycle->pause_ns;
  figures->pause_total_ns += cycle->pause_ns;
  if (cycle->pause_ns > figures->pause_max_ns)
    figures->pause_max_ns = cycle->pause_ns;
  figures->last = *marked;
  figures->marked_bytes += figures->last.marked_bytes;
}

// ---- The phases ---------------------------------------------------------------------------

static void trace(const struct cycle *cycle) {
  struct root_visitor visitor = { mark_stack_range, mark_data_range, NULL };
  uint64_t start_ns = os_clock_ns();
  heap_prepare_trace();
  mark_begin();
  roots_visit(cycle->stack_pointer, &visitor);
  mark_finish();
  cycle_figures.mark_last_ns = os_clock_ns() - start_ns;
}

static bool stop_and_trace(struct cycle *cycle) {
  cycle->pause_begin_ns = os_clock_ns();
  if (!world_stop())
    return false;
  uint64_t stopped_ns = os_clock_ns();
  cycle_figures.stop_last_ns = stopped_ns - cycle->pause_begin_ns;
  tell(cycle, CYCLE_PAUSE_BEGIN, stopped_ns);
  observer_look_away();  // stacks are read that nobody initialised
  trace(cycle);
  if (UNLIKELY(observer_is_present()))
    heap_define_marks();
  if (UNLIKELY(options.verify))
    collect_hooks.verify(cycle->stack_pointer);
  heap_finish_trace();
  observer_look_again();
  atomic_store(&heap_allocated_bytes, 0);
  struct mark_figures marked = mark_figures();
  observer_define(&marked, sizeof marked);
  pacing_update(marked.automatic_bytes);
  note_figures(cycle, &marked, os_clock_ns());
  world_restart();
  return true;
}

static bool is_still_wanted(const struct cycle *cycle) {
  if (atomic_load(&disabled))
    return false;
  return strcmp(cycle->cause, "growth") != 0
         || atomic_load(&heap_allocated_bytes)
              >= atomic_load(&heap_trigger_bytes);
}

static void run_frozen(void *context) {
  struct cycle *cycle = context;
  lock_take(&collect_lock);
  collecting = threads_self();
  if (is_still_wanted(cycle)) {
    tell(cycle, CYCLE_START, os_clock_ns());
    cycle->is_done = stop_and_trace(cycle);
    tell(cycle, CYCLE_PAUSE_END, os_clock_ns());
    if (options.verbose && cycle->is_done)
      print_figures(cycle);
  }
  collecting = NULL;
  lock_release(&collect_lock);
}

static void run_with_registers(uintptr_t stack_pointer, void *context) {
  struct cycle *cycle = context;
  cycle->stack_pointer = stack_pointer;
  os_objects_freeze(run_frozen, cycle);
}

bool cycle_enter_gate(void) {
  bool is_gated = !os_objects_lock_is_own();
  if (is_gated)
    gate_enter(&cycle_fork_gate);
  return is_gated;
}

void cycle_leave_gate(bool is_gated) {
  if (is_gated)
    gate_leave(&cycle_fork_gate);
}

bool cycle_collect(const char *cause) {
  struct cycle cycle = { .cause = cause };
  // A thread that could not be attached would stop itself.
  struct thread *self = threads_self();
  if (atomic_load(&disabled) || is_collecting() || !self || self->is_telling)
    return false;
  // No cancellation may unwind a stopped world: reading /proc is a point of it.
  int cancel_state;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
  bool is_gated = cycle_enter_gate();
  os_thread_with_registers(run_with_registers, &cycle);
  cycle_leave_gate(is_gated);
  pthread_setcancelstate(cancel_state, &cancel_state);
  os_thread_clear_dead_stack();
  if (cycle.is_done) {
    heap_purge_decayed();
    tell(&cycle, CYCLE_END, os_clock_ns());
  }
  return cycle.is_done;
}

// ---- Forbidding -----------------------------------------------------------------------------

void cycle_disable(void) {
  atomic_add(&disabled, 1);
  cycle_lock();  // one that was past its check is over now
  cycle_unlock();
}

void cycle_enable(void) {
  AO_t nesting;
  do {
    nesting = atomic_load(&disabled);
    if (nesting == 0)
      return;
  } while (!atomic_swap_if(&disabled, nesting, nesting - 1));
}

bool cycle_is_disabled(void) { return atomic_load(&disabled) != 0; }
