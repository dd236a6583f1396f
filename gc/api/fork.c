// fork.c -- pthread_atfork handlers; see fork.h

#include "api/fork.h"

#include <pthread.h>

#include "api/wire.h"
#include "collect/cycle.h"
#include "heap/heap.h"
#include "os/objects.h"
#include "roots/threads.h"

static bool holds_start;  // written and read by the forking thread alone

static void before(void) {
  holds_start = wire_hold();
  gate_close(&cycle_fork_gate);
  lock_take(&collect_lock);
  world_lock();
}

static void after_in_parent(void) {
  world_unlock();
  lock_release(&collect_lock);
  gate_open(&cycle_fork_gate);
  wire_unhold(holds_start);
}

static void after_in_child(void) {
  os_objects_reset_lock();
  threads_forget_all_but_self();
  cache_reclaim_all_but(own_cache);
  world_reset_locks();
  lock_reset(&collect_lock);
  gate_open(&cycle_fork_gate);
  wire_unhold(holds_start);
}

void fork_init(void) {
  pthread_atfork(before, after_in_parent, after_in_child);
}
