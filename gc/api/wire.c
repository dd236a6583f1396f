// wire.c -- see wire.h; the one file that sees every floor

#include "api/wire.h"

#include <stdint.h>

#include "api/fork.h"
#include "api/oom.h"
#include "base/atomic.h"
#include "base/lock.h"
#include "base/observer.h"
#include "base/options.h"
#include "collect/cycle.h"
#include "heap/heap.h"
#include "insight/verify.h"
#include "mark/mark.h"
#include "roots/threads.h"

enum { NEW, STARTING, READY };

static volatile uint32_t state;

static void attach(void) { (void)wire_ensure_attached(); }

static void want_collection(const char *cause) { cycle_collect(cause); }

const struct heap_hooks heap_hooks = {
  .attach = attach,
  .want_collection = want_collection,
  .memory_refused = oom_memory_refused,
};

const struct collect_hooks collect_hooks = { .verify = verify_heap };

static bool start(void) {
  options_read();
  observer_init();
  if (heap_init() || mark_init() || threads_init())
    return false;
  cycle_init();
  return true;
}

static bool start_once(void) {
  uint32_t expected = NEW;
  if (__atomic_compare_exchange_n(&state, &expected, STARTING, false,
                                  __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    bool ok = start();
    __atomic_store_n(&state, ok ? READY : NEW, __ATOMIC_RELEASE);
    futex_wake_all(&state);
    return ok;
  }
  while (expected == STARTING) {
    futex_wait(&state, STARTING, 0);
    expected = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
  }
  return expected == READY;
}

// Before any handler of the program's is: in a fork, ours then are the last to take
// our locks and the first to give them back.
__attribute__((constructor(101))) static void register_fork(void) {
  fork_init();
}

bool wire_hold(void) {
  for (;;) {
    uint32_t expected = NEW;
    if (__atomic_compare_exchange_n(&state, &expected, STARTING, false,
                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      return true;
    if (expected == READY)
      return false;
    futex_wait(&state, STARTING, 0);
  }
}

void wire_unhold(bool is_held) {
  if (!is_held)
    return;
  __atomic_store_n(&state, NEW, __ATOMIC_RELEASE);
  futex_wake_all(&state);
}

bool wire_ensure(void) {
  return LIKELY(__atomic_load_n(&state, __ATOMIC_ACQUIRE) == READY)
         || start_once();
}

bool wire_ensure_attached(void) {
  return LIKELY(threads_self() != NULL)
         || (wire_ensure() && threads_attach_self() == 0);
}
