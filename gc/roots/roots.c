// roots.c -- see roots.h

#include "roots/roots.h"

#include <stddef.h>

#include "heap/heap.h"
#include "os/objects.h"
#include "os/process.h"
#include "os/thread.h"
#include "os/tls.h"
#include "roots/ranges.h"
#include "roots/threads.h"

struct visit {
  const struct root_visitor *visitor;
  const struct thread *self;
  uintptr_t stack_pointer;  // of self
};

static void visit_data(struct range range, void *context) {
  const struct root_visitor *visitor = context;
  ranges_visit_included(range, visitor->visit_data, visitor->context);
}

static void visit_stack(const struct visit *visit, struct range range) {
  if (!range_is_empty(range))
    visit->visitor->visit_stack(range, visit->visitor->context);
}

// A stack as a whole: what was ever touched of it.
static void visit_whole_stack(const struct visit *visit, struct range stack) {
  const struct root_visitor *visitor = visit->visitor;
  if (!range_is_empty(stack))
    os_process_visit_touched(stack, visitor->visit_stack, visitor->context);
}

// A stack in the heap is the block it lies in.
static struct range block_around(uintptr_t address) {
  struct page *page;
  uint64_t index;
  enum block_fault fault =
    heap_find((const void *)address, false, &page, &index);
  if (fault != BLOCK_OK && fault != BLOCK_INTERIOR
      && fault != BLOCK_OTHER_REGIME)
    return (struct range){ 0, 0 };
  uintptr_t low = page_block_address(page, index);
  return (struct range){ low, low + page->block_bytes };
}

// What a stack pointer that is not in its thread's stack points into: a stack we
// were told of, a block, or else the whole mapping.
static struct range stack_around(uintptr_t at) {
  struct range stack = ranges_stack_of(at);
  if (range_is_empty(stack))
    stack = block_around(at);
  return range_is_empty(stack) ? os_process_mapping_of(at) : stack;
}

static void visit_elsewhere(const struct visit *visit, uintptr_t at,
                            struct range stack) {
  visit_stack(visit, (struct range){ at, stack.high });
  // The stack may be a block that only the stack pointer points to.
  uintptr_t own = (uintptr_t)&at;
  visit_stack(visit, (struct range){ own, own + sizeof at });
}

static void visit_thread(struct thread *thread, void *context) {
  const struct visit *visit = context;
  bool is_self = thread == visit->self;
  uintptr_t at =
    is_self ? visit->stack_pointer : thread->suspension.stack_pointer;
  uintptr_t thread_pointer = is_self ? os_tls_thread_pointer()
                                     : thread->suspension.thread_pointer;
  os_tls_visit(thread_pointer, visit_data, (void *)visit->visitor);
  if (range_has(thread->stack, at)) {
    visit_stack(visit, (struct range){ at, thread->stack.high });
    return;
  }
  struct range elsewhere = stack_around(at);
  visit_elsewhere(visit, at, elsewhere);
  if (!thread->is_foreign)
    visit_whole_stack(visit, thread->stack);
  // A foreign thread's stack is remembered if glibc made it: its control block
  // is at the top, and what lies beyond may be unmapped before the thread ends.
  else if (thread_pointer > at && range_has(elsewhere, thread_pointer))
    thread->stack = (struct range){ elsewhere.low, thread_pointer };
}

// Is some thread's stack pointer in the range?  It was scanned from there.
struct occupancy {
  const struct visit *visit;
  struct range stack;
  bool is_occupied;
};

static void note_occupancy(struct thread *thread, void *context) {
  struct occupancy *occupancy = context;
  uintptr_t at = thread == occupancy->visit->self
                   ? occupancy->visit->stack_pointer
                   : thread->suspension.stack_pointer;
  occupancy->is_occupied |= range_has(occupancy->stack, at);
}

static void visit_registered_stack(struct range stack, void *context) {
  struct occupancy occupancy = { context, stack, false };
  threads_visit(note_occupancy, &occupancy);
  if (!occupancy.is_occupied)
    visit_whole_stack(context, stack);
}

void roots_visit(uintptr_t stack_pointer, const struct root_visitor *visitor) {
  struct visit visit = { visitor, threads_self(), stack_pointer };
  threads_visit(visit_thread, &visit);
  ranges_visit_stacks(visit_registered_stack, &visit);
  os_objects_visit_data(visit_data, (void *)visitor);
  ranges_visit_roots(visitor->visit_data, visitor->context);
}

// ---- Asking -----------------------------------------------------------------------------

struct question {
  uintptr_t address;
  bool is_contained;
};

static void ask_range(struct range range, void *context) {
  struct question *question = context;
  question->is_contained |= range_has(range, question->address);
}

static void ask_thread(struct thread *thread, void *context) {
  ask_range(thread->stack, context);
  // A running thread's vector of TLS blocks may move: only our own is safe.
  if (thread == threads_self())
    os_tls_visit(os_tls_thread_pointer(), ask_range, context);
}

bool roots_contain(uintptr_t address) {
  struct question question = { address, false };
  struct root_visitor visitor = { ask_range, ask_range, &question };
  threads_visit(ask_thread, &question);
  ranges_visit_stacks(ask_range, &question);
  os_objects_visit_data(visit_data, &visitor);
  ranges_visit_roots(ask_range, &question);
  return question.is_contained;
}
