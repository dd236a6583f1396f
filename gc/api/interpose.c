// interpose.c -- functions of other libraries that tell us of roots
//
// The shared library exports these in front of libc's and libstdc++'s; each
// does what the original does and notes something on the way.  Where it cannot
// be had (static programs, dlopen of this library) threads are found by the
// kernel's list, stacks by gc_add_stack(); the results of threads not yet joined
// and exceptions in flight must then be held elsewhere too.
//
//   pthread_create          the thread is known before it runs, its argument a
//                           root
//   pthread_join (and kin), pthread_exit, pthread_detach
//                           its result is a root until somebody took it
//   makecontext             the context's stack is a root while it is suspended
//   __cxa_allocate_exception, __cxa_free_exception
//                           an exception in flight lies in memory of malloc
//   pthread_sigmask, sigprocmask, sigaction, sigsuspend, sigwait (and kin),
//   pselect, ppoll, epoll_pwait (2), signalfd, signal (and kin)
//                           the signal that stops threads is never blocked, and
//                           never taken by anybody else

#include <dlfcn.h>
#include <errno.h>
#include <gleaner/gc.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <ucontext.h>

#include "api/wire.h"
#include "base/attributes.h"
#include "base/format.h"
#include "heap/heap.h"
#include "os/suspend.h"
#include "roots/ranges.h"
#include "roots/threads.h"

// The next definition of `name`; looked up once, kept in *slot.
static void *original(void **slot, const char *name) {
  void *function = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
  if (UNLIKELY(!function)) {
    function = dlsym(RTLD_NEXT, name);
    __atomic_store_n(slot, function, __ATOMIC_RELEASE);
  }
  return function;
}

// ---- Threads ------------------------------------------------------------------------------
//
// A life is what start and end of a thread leave with us: an uncollectable block
// that holds the argument until the thread has it, and the result until somebody
// took it.  It goes when the thread has ended and was joined or detached.
// LOCK_ROOTS guards the list and all flags.

struct life {
  void *(*function)(void *);
  void *argument;
  void *result;
  struct life *next;
  pthread_t thread;
  bool is_known;   // its creator has its number, and will not touch this again
  bool has_begun;  // it has its number itself
  bool has_ended, is_detached;
};

static struct life *lives;
static _Thread_local struct life *own_life;

// A number may come again for a younger thread before the join of the older one
// is noted: so the oldest, which is the last, is the one.
static struct life *find_life(pthread_t thread) {
  struct life *found = NULL;
  for (struct life *life = lives; life; life = life->next)
    if ((life->has_begun || life->is_known)
        && pthread_equal(life->thread, thread))
      found = life;
  return found;
}

// LOCK_ROOTS held.
static void free_life(struct life *life) {
  struct life **link = &lives;
  while (*link != life)
    link = &(*link)->next;
  *link = life->next;
  heap_free(life, false);
}

// Nobody will ask for the thread's result any more.
static void note_detached(pthread_t thread) {
  lock_take(&ranges_lock);
  struct life *life = find_life(thread);
  if (life)
    life->is_detached = true;
  if (life && life->has_ended && life->is_known)
    free_life(life);
  lock_release(&ranges_lock);
}

static void end_life(void *argument) {
  struct life *life = argument;
  lock_take(&ranges_lock);
  own_life = NULL;
  life->has_ended = true;
  if (life->is_detached && life->is_known)
    free_life(life);
  lock_release(&ranges_lock);
}

// From hand to hand: no copy stays in a frame that lives as long as the thread.
static void *take_argument(struct life *life) {
  void *argument = life->argument;
  life->argument = NULL;
  return argument;
}

static void *run_attached(void *argument) {
  struct life *life = argument;
  threads_attach_self();  // if refused, the first collection finds us
  lock_take(&ranges_lock);
  life->thread = pthread_self();
  life->has_begun = true;
  lock_release(&ranges_lock);
  own_life = life;
  void *result;
  pthread_cleanup_push(end_life, life);
  result = life->result = life->function(take_argument(life));
  pthread_cleanup_pop(1);
  return result;
}

static struct life *new_life(const pthread_attr_t *attributes,
                             void *(*function)(void *), void *argument) {
  bool is_zero;
  struct life *life =
    wire_ensure_attached()
      ? heap_allocate(KIND_UNCOLLECTABLE, sizeof *life, BLOCK_ALIGN, &is_zero)
      : NULL;
  if (!life)
    return NULL;
  int detached = PTHREAD_CREATE_JOINABLE;
  if (attributes)
    pthread_attr_getdetachstate(attributes, &detached);
  *life = (struct life){ .function = function,
                         .argument = argument,
                         .is_detached = detached == PTHREAD_CREATE_DETACHED };
  lock_take(&ranges_lock);
  life->next = lives;
  lives = life;
  lock_release(&ranges_lock);
  return life;
}

typedef int create_function(pthread_t *, const pthread_attr_t *,
                            void *(*)(void *), void *);

GC_API int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*function)(void *), void *argument) {
  static void *slot;
  create_function *create =
    (create_function *)original(&slot, "pthread_create");
  struct life *life = new_life(attributes, function, argument);
  if (!life)
    return EAGAIN;
  int error = create(thread, attributes, run_attached, life);
  lock_take(&ranges_lock);
  if (!error) {
    life->thread = *thread;
    life->is_known = true;
  }
  if (error || (life->has_ended && life->is_detached))
    free_life(life);
  lock_release(&ranges_lock);
  return error;
}

GC_API void pthread_exit(void *result) {
  static void *slot;
  void (*leave)(void *) = (void (*)(void *))original(&slot, "pthread_exit");
  if (own_life)
    own_life->result = result;
  leave(result);
  __builtin_unreachable();
}

GC_API int pthread_detach(pthread_t thread) {
  static void *slot;
  int (*detach)(pthread_t) =
    (int (*)(pthread_t))original(&slot, "pthread_detach");
  note_detached(thread);  // before: the number may be another's right after
  return detach(thread);
}

// A forked child has one thread: the others' numbers will be given out again.  Runs
// after our locks are free (api/fork.c was registered first).
static void forget_lives(void) {
  struct life *next;
  for (struct life *life = lives; life; life = next) {
    next = life->next;
    if (life != own_life)
      free_life(life);
  }
}

__attribute__((constructor)) static void register_forget(void) {
  pthread_atfork(NULL, NULL, forget_lives);
}

static int note_join(pthread_t thread, int error) {
  if (!error)
    note_detached(thread);
  return error;
}

GC_API int pthread_join(pthread_t thread, void **result) {
  static void *slot;
  int (*join)(pthread_t, void **) =
    (int (*)(pthread_t, void **))original(&slot, "pthread_join");
  return note_join(thread, join(thread, result));
}

GC_API int pthread_tryjoin_np(pthread_t thread, void **result) {
  static void *slot;
  int (*join)(pthread_t, void **) =
    (int (*)(pthread_t, void **))original(&slot, "pthread_tryjoin_np");
  return note_join(thread, join(thread, result));
}

typedef int timed_function(pthread_t, void **, const struct timespec *);

GC_API int pthread_timedjoin_np(pthread_t thread, void **result,
                                const struct timespec *limit) {
  static void *slot;
  timed_function *join =
    (timed_function *)original(&slot, "pthread_timedjoin_np");
  return note_join(thread, join(thread, result, limit));
}

typedef int clock_function(pthread_t, void **, clockid_t,
                           const struct timespec *);

GC_API int pthread_clockjoin_np(pthread_t thread, void **result,
                                clockid_t clock,
                                const struct timespec *limit) {
  static void *slot;
  clock_function *join =
    (clock_function *)original(&slot, "pthread_clockjoin_np");
  return note_join(thread, join(thread, result, clock, limit));
}

// ---- Contexts -----------------------------------------------------------------------------

#define CONTEXT_ARGUMENTS 8  // more than any caller has; integers, as POSIX says

typedef void make_function(ucontext_t *, void (*)(void), int, ...);

// A block that is scanned speaks for itself, and dies with the program's pointers
// to it.
static void note_context(struct range range) {
  struct page *page;
  uint64_t index;
  enum block_fault fault =
    heap_find((const void *)range.low, false, &page, &index);
  bool is_block = fault == BLOCK_OK || fault == BLOCK_INTERIOR
                  || fault == BLOCK_OTHER_REGIME;
  if (!is_block || !page->is_scanned)
    ranges_add_guess(range);
}

GC_API void makecontext(ucontext_t *context, void (*function)(void), int count,
                        ...) {
  static void *slot;
  make_function *make = (make_function *)original(&slot, "makecontext");
  uintptr_t low = (uintptr_t)context->uc_stack.ss_sp;
  if (wire_ensure()) {
    note_context((struct range){ low, low + context->uc_stack.ss_size });
    note_context((struct range){ (uintptr_t)context,
                                 (uintptr_t)context + sizeof *context });
  }
  uintptr_t arguments[CONTEXT_ARGUMENTS] = { 0 };
  va_list list;
  va_start(list, count);
  for (int i = 0; i < count && i < CONTEXT_ARGUMENTS; i++)
    arguments[i] = va_arg(list, uintptr_t);
  va_end(list);
  make(context, function, count, arguments[0], arguments[1], arguments[2],
       arguments[3], arguments[4], arguments[5], arguments[6], arguments[7]);
}

// ---- Exceptions -----------------------------------------------------------------------------

// What libstdc++ keeps before the object: __cxa_refcounted_exception.
#define EXCEPTION_HEADER_BYTES 128

static void *own_object(void) {
  Dl_info info;
  return dladdr((void *)own_object, &info) ? info.dli_fbase : NULL;
}

// As original(), also where the C++ library came in by a dlopen() that kept its
// names to itself: then the loaded objects are asked one by one.  The one that
// has it stays open.
static void *original_of_cxx(void **slot, const char *name) {
  void *function = original(slot, name);
  void *program = function ? NULL : dlopen(NULL, RTLD_LAZY);
  struct link_map *map = NULL;
  if (program)
    dlinfo(program, RTLD_DI_LINKMAP, &map);
  for (; map && !function; map = map->l_next) {
    void *object = dlopen(map->l_name, RTLD_LAZY | RTLD_NOLOAD);
    Dl_info info;
    if (object)
      function = dlsym(object, name);
    if (function && dladdr(function, &info)
        && info.dli_fbase == own_object())
      function = NULL;
    if (object && !function)
      dlclose(object);
  }
  if (!function) {
    print_line("%s: no C++ library has it", name);
    abort();
  }
  __atomic_store_n(slot, function, __ATOMIC_RELEASE);
  return function;
}

GC_API void *__cxa_allocate_exception(size_t bytes);
GC_API void __cxa_free_exception(void *exception);

GC_API void *__cxa_allocate_exception(size_t bytes) {
  static void *slot;
  void *(*allocate)(size_t) =
    (void *(*)(size_t))original_of_cxx(&slot, "__cxa_allocate_exception");
  void *exception = allocate(bytes);
  uintptr_t at = (uintptr_t)exception;
  if (wire_ensure())
    ranges_add_guess(
      (struct range){ at - EXCEPTION_HEADER_BYTES, at + bytes });
  return exception;
}

GC_API void __cxa_free_exception(void *exception) {
  static void *slot;
  void (*release)(void *) =
    (void (*)(void *))original_of_cxx(&slot, "__cxa_free_exception");
  ranges_remove_guess((uintptr_t)exception - EXCEPTION_HEADER_BYTES);
  release(exception);
}

// ---- Signal masks ---------------------------------------------------------------------------
//
// A thread that blocks our signal, or takes it in sigwait(), never stands still.

// `set` without our signal.
static const sigset_t *spare(const sigset_t *set, sigset_t *copy) {
  if (!set)
    return NULL;
  *copy = *set;
  sigdelset(copy, os_suspend_signal());
  return copy;
}

typedef int mask_function(int, const sigset_t *, sigset_t *);

GC_API int pthread_sigmask(int how, const sigset_t *set, sigset_t *old) {
  static void *slot;
  mask_function *mask = (mask_function *)original(&slot, "pthread_sigmask");
  sigset_t copy;
  return mask(how, how == SIG_UNBLOCK ? set : spare(set, &copy), old);
}

GC_API int sigprocmask(int how, const sigset_t *set, sigset_t *old) {
  static void *slot;
  mask_function *mask = (mask_function *)original(&slot, "sigprocmask");
  sigset_t copy;
  return mask(how, how == SIG_UNBLOCK ? set : spare(set, &copy), old);
}

typedef int action_function(int, const struct sigaction *, struct sigaction *);

// Our signal is refused as libc refuses those it keeps for itself.
GC_API int sigaction(int signal, const struct sigaction *action,
                     struct sigaction *old) {
  static void *slot;
  action_function *act = (action_function *)original(&slot, "sigaction");
  if (!action)
    return act(signal, NULL, old);
  if (os_suspend_has_begun() && signal == os_suspend_signal()) {
    errno = EINVAL;
    return -1;
  }
  struct sigaction copy = *action;
  sigdelset(&copy.sa_mask, os_suspend_signal());
  return act(signal, &copy, old);
}

// signal() and its elders do not come by sigaction(): refuse them here.
typedef void (*handler)(int);
typedef handler signal_function(int, handler);

static handler set_handler(void **slot, const char *name, int signal,
                           handler function) {
  signal_function *set = (signal_function *)original(slot, name);
  if (os_suspend_has_begun() && signal == os_suspend_signal()) {
    errno = EINVAL;
    return SIG_ERR;
  }
  return set(signal, function);
}

GC_API handler bsd_signal(int signal, handler function);  // no header has it

#define SET_HANDLER(name)                                \
  GC_API handler name(int signal, handler function) {    \
    static void *slot;                                   \
    return set_handler(&slot, #name, signal, function);  \
  }
SET_HANDLER(signal)
SET_HANDLER(bsd_signal)
SET_HANDLER(sysv_signal)

GC_API int sigsuspend(const sigset_t *set) {
  static void *slot;
  int (*suspend)(const sigset_t *) =
    (int (*)(const sigset_t *))original(&slot, "sigsuspend");
  sigset_t copy;
  return suspend(spare(set, &copy));
}

GC_API int sigwait(const sigset_t *set, int *signal) {
  static void *slot;
  int (*wait)(const sigset_t *, int *) =
    (int (*)(const sigset_t *, int *))original(&slot, "sigwait");
  sigset_t copy;
  return wait(spare(set, &copy), signal);
}

GC_API int sigwaitinfo(const sigset_t *set, siginfo_t *info) {
  static void *slot;
  int (*wait)(const sigset_t *, siginfo_t *) =
    (int (*)(const sigset_t *, siginfo_t *))original(&slot, "sigwaitinfo");
  sigset_t copy;
  return wait(spare(set, &copy), info);
}

typedef int timedwait_function(const sigset_t *, siginfo_t *,
                               const struct timespec *);

GC_API int sigtimedwait(const sigset_t *set, siginfo_t *info,
                        const struct timespec *limit) {
  static void *slot;
  timedwait_function *wait =
    (timedwait_function *)original(&slot, "sigtimedwait");
  sigset_t copy;
  return wait(spare(set, &copy), info, limit);
}

GC_API int signalfd(int descriptor, const sigset_t *set, int flags) {
  static void *slot;
  int (*open)(int, const sigset_t *, int) =
    (int (*)(int, const sigset_t *, int))original(&slot, "signalfd");
  sigset_t copy;
  return open(descriptor, spare(set, &copy), flags);
}

typedef int pselect_function(int, fd_set *, fd_set *, fd_set *,
                             const struct timespec *, const sigset_t *);

GC_API int pselect(int count, fd_set *reads, fd_set *writes, fd_set *others,
                   const struct timespec *limit, const sigset_t *set) {
  static void *slot;
  pselect_function *wait = (pselect_function *)original(&slot, "pselect");
  sigset_t copy;
  return wait(count, reads, writes, others, limit, spare(set, &copy));
}

typedef int ppoll_function(struct pollfd *, nfds_t, const struct timespec *,
                           const sigset_t *);

GC_API int ppoll(struct pollfd *descriptors, nfds_t count,
                 const struct timespec *limit, const sigset_t *set) {
  static void *slot;
  ppoll_function *wait = (ppoll_function *)original(&slot, "ppoll");
  sigset_t copy;
  return wait(descriptors, count, limit, spare(set, &copy));
}

typedef int epoll_function(int, struct epoll_event *, int, int,
                           const sigset_t *);

GC_API int epoll_pwait(int descriptor, struct epoll_event *events, int count,
                       int limit_ms, const sigset_t *set) {
  static void *slot;
  epoll_function *wait = (epoll_function *)original(&slot, "epoll_pwait");
  sigset_t copy;
  return wait(descriptor, events, count, limit_ms, spare(set, &copy));
}

typedef int epoll2_function(int, struct epoll_event *, int,
                            const struct timespec *, const sigset_t *);

GC_API int epoll_pwait2(int descriptor, struct epoll_event *events, int count,
                        const struct timespec *limit, const sigset_t *set) {
  static void *slot;
  epoll2_function *wait = (epoll2_function *)original(&slot, "epoll_pwait2");
  sigset_t copy;
  return wait(descriptor, events, count, limit, spare(set, &copy));
}
