// oom.c -- see oom.h

#include "api/oom.h"

#include <errno.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/lock.h"
#include "collect/cycle.h"
#include "heap/heap.h"
#include "roots/threads.h"

static struct {
  gc_oom_handler function;
  void *context;
} handler;

void oom_set_handler(gc_oom_handler function, void *context) {
  cycle_lock();
  handler.function = function;
  handler.context = context;
  cycle_unlock();
}

// Stands in the frame that called the thread's handler while the handler runs.
// One that leaves by longjmp does not come back to say so; the next refusal
// finds the frame below it, or overwritten by those called since.
struct handler_frame {
  volatile uintptr_t seal;
};

static uintptr_t seal_of(const struct handler_frame *frame) {
  return (uintptr_t)frame ^ (uintptr_t)&handler;
}

// Is this allocation the handler's own?
NO_SANITIZE_SCAN static bool is_inside_handler(const struct thread *self,
                                               const void *here) {
  const struct handler_frame *frame =
    (const struct handler_frame *)self->oom_frame;
  return frame && (uintptr_t)here < (uintptr_t)frame
         && frame->seal == seal_of(frame);
}

static bool ask_program(size_t bytes) {
  struct handler_frame frame;
  struct thread *self = threads_self();
  cycle_lock();
  gc_oom_handler function = handler.function;
  void *context = handler.context;
  cycle_unlock();
  if (!function || !self || is_inside_handler(self, &frame))
    return false;
  frame.seal = seal_of(&frame);
  self->oom_frame = (uintptr_t)&frame;
  bool try_again = function(bytes, context) != 0;
  self->oom_frame = 0;
  frame.seal = 0;
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
