// threads.h -- every thread of the process, and the world they make up
//
// Threads register at their start (api/interpose.c wraps pthread_create) or at
// their first allocation.  Any other is found when the world is stopped: the
// kernel's count of threads (one system call) then differs from ours, and
// /proc/self/task names the missing ones.  Such a foreign thread needs no
// cooperation: the signal tells its stack pointer, the mapping that lies in is
// its stack.
//
// LOCK_THREADS guards the list; a stopped world holds it.

#ifndef GLEANER_ROOTS_THREADS_H
#define GLEANER_ROOTS_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lock.h"
#include "os/range.h"
#include "os/suspend.h"

struct cache;

struct thread {
  struct suspension suspension;  // its id, and where it stands when stopped
  struct range stack;            // empty until known
  struct thread *next;
  struct cache *cache;           // NULL for a foreign thread
  uintptr_t oom_frame;           // of its out-of-memory handler, while in it
  bool is_telling;               // is in the program's event callback
  bool is_foreign;               // never called us
};

extern struct lock threads_lock;

// Once; installs the signal handler.  0 or a negative errno value.
int threads_init(void);

// The calling thread.  0 or -ENOMEM.  May call malloc, after the thread has its
// cache.
int threads_attach_self(void);
void threads_detach_self(void);

// The calling thread's, or NULL if it is not attached.
struct thread *threads_self(void);

unsigned threads_count(void);

// Stop all others; the caller is attached and holds LOCK_COLLECT and the
// loader's lock.  Takes the locks from LOCK_THREADS on, and keeps them; false, with
// nothing held or stopped, if some thread cannot even be named (no descriptor or
// memory for the list).
bool world_stop(void);
void world_restart(void);

// Locks released, threads not touched: for whoever needs the locks alone (fork).
void world_lock(void);
void world_unlock(void);
void world_reset_locks(void);

// In a forked child: forget all but the caller.  The locks are held.
void threads_forget_all_but_self(void);

// World stopped, or LOCK_THREADS held.
void threads_visit(void (*visit)(struct thread *thread, void *context),
                   void *context);

#endif
