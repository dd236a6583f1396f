// threads.c -- registry, stop and restart; see threads.h

#include "roots/threads.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "base/atomic.h"
#include "base/options.h"
#include "heap/heap.h"
#include "heap/meta.h"
#include "os/objects.h"
#include "os/process.h"
#include "os/thread.h"
#include "os/tls.h"
#include "roots/ranges.h"

struct lock threads_lock = LOCK_INIT(LOCK_THREADS);

// Threads that ended lately: those of them that still exist are in the last
// stage of their end (os_suspend_wait).  More than this at once are not seen.
#define ENDING_MAX 1024

static struct {
  struct thread *first;
  unsigned count;
  pthread_key_t key;  // its destructor tells of a thread's end
  bool has_key;
  volatile bool has_proved;
  pid_t ending[ENDING_MAX];  // a ring; 0: none
  unsigned next_ending;
} threads;

// ---- The list -------------------------------------------------------------------------

static struct thread *find_tid(pid_t tid) {
  struct thread *thread = threads.first;
  while (thread && thread->suspension.tid != tid)
    thread = thread->next;
  return thread;
}

// LOCK_THREADS and LOCK_HEAP held.
static struct thread *add_tid(pid_t tid) {
  struct thread *thread = meta_allocate(META_TABLES, sizeof *thread);
  if (!thread)
    return NULL;
  memset(thread, 0, sizeof *thread);
  thread->suspension.tid = tid;
  thread->is_foreign = true;
  thread->next = threads.first;
  threads.first = thread;
  threads.count++;
  return thread;
}

static void remove_thread(struct thread *thread) {
  struct thread **link = &threads.first;
  while (*link != thread)
    link = &(*link)->next;
  *link = thread->next;
  threads.count--;
  meta_free(META_TABLES, thread, sizeof *thread);
}

// LOCK_THREADS held.
static void note_ending(pid_t tid) {
  threads.ending[threads.next_ending] = tid;
  threads.next_ending = (threads.next_ending + 1) % ENDING_MAX;
}

// The id is a younger thread's now.
static void forget_ending(pid_t tid) {
  for (unsigned i = 0; i < ENDING_MAX; i++)
    if (threads.ending[i] == tid)
      threads.ending[i] = 0;
}

static bool is_ending(pid_t tid) {
  for (unsigned i = 0; i < ENDING_MAX; i++)
    if (threads.ending[i] == tid)
      return true;
  return false;
}

struct thread *threads_self(void) { return own_cache->thread; }

unsigned threads_count(void) { return threads.count; }

void threads_visit(void (*visit)(struct thread *thread, void *context),
                   void *context) {
  for (struct thread *thread = threads.first, *next; thread; thread = next) {
    next = thread->next;
    visit(thread, context);
  }
}

// ---- Attach and detach ------------------------------------------------------------------

static void detach_at_exit(void *thread) {
  (void)thread;
  pid_t tid = os_thread_id();
  threads_detach_self();
  lock_take(&threads_lock);
  note_ending(tid);
  lock_release(&threads_lock);
}

int threads_init(void) {
  int error = os_suspend_init((int)options.signal);
  if (error)
    return error;
  threads.has_key = pthread_key_create(&threads.key, detach_at_exit) == 0;
  return 0;
}

static struct thread *register_self(void) {
  pid_t tid = os_thread_id();
  lock_take(&threads_lock);
  lock_take(&heap_lock);
  struct thread *thread = find_tid(tid);
  if (thread && thread->cache) {  // one that ended without a word had this id
    cache_release_locked(thread->cache);
    thread->cache = NULL;
  }
  if (!thread)
    thread = add_tid(tid);
  forget_ending(tid);
  lock_release(&heap_lock);
  lock_release(&threads_lock);
  return thread;
}

static void unregister(struct thread *thread) {
  lock_take(&threads_lock);
  lock_take(&heap_lock);
  remove_thread(thread);
  lock_release(&heap_lock);
  lock_release(&threads_lock);
}

// Each thread that attaches before it is done does it itself, to the same
// result: nobody can collect, from here on, with the layouts unknown.
static void prove_layouts(void) {
  if (threads.has_proved)
    return;
  os_tls_init(threads.has_key ? threads.key : UINT_MAX);
  os_objects_prove_lock();
  threads.has_proved = true;
}

int threads_attach_self(void) {
  if (threads_self())
    return 0;
  struct thread *thread = register_self();
  if (!thread)
    return -ENOMEM;
  struct cache *cache = cache_acquire(thread);
  if (!cache) {
    unregister(thread);
    return -ENOMEM;
  }
  thread->cache = cache;
  thread->is_foreign = false;
  os_suspend_accept();
  // From here on malloc may be called, and may be ours.
  thread->stack = os_thread_stack();
  if (threads.has_key)
    pthread_setspecific(threads.key, thread);
  prove_layouts();
  return 0;
}

void threads_detach_self(void) {
  struct thread *thread = threads_self();
  if (!thread)
    return;
  if (threads.has_key)
    pthread_setspecific(threads.key, NULL);
  cache_release(thread->cache);
  unregister(thread);
}

// A thread ended without a word: its kernel task is gone.  Locks held.
static void reap(struct thread *thread) {
  if (thread->cache)
    cache_release_locked(thread->cache);
  remove_thread(thread);
}

// ---- The world --------------------------------------------------------------------------

void world_lock(void) {
  lock_take(&threads_lock);
  lock_take(&ranges_lock);
  lock_take(&heap_lock);
}

void world_unlock(void) {
  lock_release(&heap_lock);
  lock_release(&ranges_lock);
  lock_release(&threads_lock);
}

void world_reset_locks(void) {
  lock_reset(&heap_lock);
  lock_reset(&ranges_lock);
  lock_reset(&threads_lock);
}

static void request(struct thread *thread, void *self) {
  if (thread != self && !os_suspend_request(&thread->suspension))
    reap(thread);
}

static void await(struct thread *thread, void *self) {
  if (thread != self && !os_suspend_wait(&thread->suspension, false))
    reap(thread);
}

struct search {
  unsigned found;
  bool has_failed;  // somebody was met whom we have no record for
};

// A thread nobody told us of.  The kernel's own workers run no code of ours.
static void meet(pid_t tid, void *context) {
  struct search *search = context;
  if (find_tid(tid) || os_process_thread_is_gone(tid)
      || os_process_thread_is_worker(tid))
    return;
  struct thread *thread = add_tid(tid);
  if (!thread) {
    search->has_failed = true;
    return;
  }
  if (os_suspend_request(&thread->suspension)
      && os_suspend_wait(&thread->suspension, is_ending(tid)))
    search->found++;
  else
    remove_thread(thread);
}

// Threads that stand still start no others: so once a look finds nobody new,
// everybody stands still.  While threads come and go a look may pass one over.
// False if that cannot be known: there are more than ours, and no list of them.
static bool stop_strangers(void) {
  struct search search;
  unsigned count = os_process_thread_count(), before;
  do {
    search = (struct search){ 0, false };
    before = count;
    if (count != 0 && count != threads.count
        && os_process_visit_threads(meet, &search) < 0)
      return false;
    count = os_process_thread_count();
  } while (search.found || (count != before && !search.has_failed));
  return !search.has_failed;
}

bool world_stop(void) {
  world_lock();
  struct thread *self = threads_self();
  os_suspend_begin();
  threads_visit(request, self);
  threads_visit(await, self);
  if (stop_strangers())
    return true;
  world_restart();
  return false;
}

void world_restart(void) {
  os_suspend_end();
  world_unlock();
}

static void forget_other(struct thread *thread, void *self) {
  if (thread != self)
    remove_thread(thread);
}

void threads_forget_all_but_self(void) {
  struct thread *self = threads_self();
  if (self)
    self->suspension.tid = os_thread_id();
  threads_visit(forget_other, self);
  memset(threads.ending, 0, sizeof threads.ending);
}
