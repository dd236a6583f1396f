// cycle.h -- one collection, from its cause to its figures
//
//   1. registers into a frame, then the loader's lock, then LOCK_COLLECT
//   2. stop the world (all other locks)
//   3. prepare: finish the last sweep, forget its marks
//   4. mark from the roots
//   5. verify, when asked
//   6. finish: pages without a mark are free, the others wait to be swept
//   7. restart; purge what was free for long; tell
//
// The loader's lock comes first: a thread that holds it, in a callback of
// dl_iterate_phdr, may allocate and wait for a collection.
//
// Any attached thread.

#ifndef GLEANER_COLLECT_CYCLE_H
#define GLEANER_COLLECT_CYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lock.h"
#include "mark/mark.h"

struct collect_hooks {
  // World stopped, marks complete, nothing swept yet.
  void (*verify)(uintptr_t stack_pointer);
};
extern const struct collect_hooks collect_hooks;  // api/wire.c

extern struct lock collect_lock;

// Take and release it, from anywhere: without effect for the thread that collects
// and has it already, which may be in the program's event callback.
void cycle_lock(void);
void cycle_unlock(void);

// Who is about to take the loader's lock enters; a fork closes it, so that the
// child never finds that lock held by a thread it does not have.
extern struct gate cycle_fork_gate;

// Enter it, unless the caller holds the loader's lock already (it is in a callback
// of dl_iterate_phdr): somebody inside may be waiting for that.  The result is for
// cycle_leave_gate().
bool cycle_enter_gate(void);
void cycle_leave_gate(bool is_gated);

enum cycle_phase {
  CYCLE_START,
  CYCLE_PAUSE_BEGIN,
  CYCLE_PAUSE_END,
  CYCLE_END
};

struct cycle_figures {
  uint64_t collections;
  uint64_t pause_last_ns, pause_max_ns, pause_total_ns;
  uint64_t stop_last_ns, mark_last_ns;
  uint64_t marked_bytes;       // by all
  struct mark_figures last;
};
extern struct cycle_figures cycle_figures;

struct cycle_event {
  enum cycle_phase phase;
  const char *cause;
  uint64_t time_ns;
  uint64_t pause_ns;
};
typedef void (*cycle_listener)(const struct cycle_event *event);
extern cycle_listener cycle_listener_hook;  // NULL: nobody listens

void cycle_init(void);

// Collect, unless it is forbidden, or the cause "growth" no longer holds by the
// time the lock is ours.  True if there was a collection.
bool cycle_collect(const char *cause);

void cycle_disable(void);
void cycle_enable(void);
bool cycle_is_disabled(void);

#endif
