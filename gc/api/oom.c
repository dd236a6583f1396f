// oom.c -- see oom.h

#include "api/oom.h"

#include <errno.h>
#include <stdint.h>

#include "base/lock.h"
#include "collect/cycle.h"
#include "heap/heap.h"
#include "roots/threads.h"

static struct {
  gc_oom_handler function;
  void *context;
} handler;

void oom_set_handler(gc_oom_handler function, void *context) {
  lock_take(&collect_lock);
  handler.function = function;
  handler.context = context;
  lock_release(&collect_lock);
}

// The thread's own handler is below us on the stack: this allocation is its.  A
// handler that left by longjmp is not: its frame lay deeper than we are now.
static bool is_inside_handler(const struct thread *self) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  return self->oom_frame != 0 && here < self->oom_frame;
}

static bool ask_program(size_t bytes) {
  struct thread *self = threads_self();
  lock_take(&collect_lock);
  gc_oom_handler function = handler.function;
  void *context = handler.context;
  lock_release(&collect_lock);
  if (!function || !self || is_inside_handler(self))
    return false;
  self->oom_frame = (uintptr_t)__builtin_frame_address(0);
  bool try_again = function(bytes, context) != 0;
  self->oom_frame = 0;
  return try_again;
}

bool oom_memory_refused(size_t bytes, unsigned attempt) {
  int saved = errno;
  bool try_again =
    attempt == 0 && cycle_collect(space_limit() ? "limit" : "memory");
  if (!try_again)
    try_again = ask_program(bytes);
  errno = saved;
  return try_again;
}
