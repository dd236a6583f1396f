// interpose.c -- functions of other libraries that tell us of roots
//
// The shared library exports these in front of libc's and libstdc++'s; each
// does what the original does and notes something on the way.  None is needed
// for correctness where it cannot be had (static programs, dlopen): threads are
// found by the kernel's list too, stacks by gc_add_stack().
//
//   pthread_create          the thread is known before it runs, its argument a root
//   makecontext             the context's stack is a root while it is suspended
//   __cxa_allocate_exception, __cxa_free_exception
//                           an exception in flight lies in memory of malloc
//   pthread_sigmask, sigprocmask
//                           the signal that stops threads is never blocked

#include <dlfcn.h>
#include <errno.h>
#include <gleaner/gc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <ucontext.h>

#include "api/wire.h"
#include "base/attributes.h"
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

struct start {
  void *(*function)(void *);
  void *argument;
};

static void *run_attached(void *block) {
  struct start start = *(struct start *)block;
  threads_attach_self();  // if refused, the first collection finds us
  heap_free(block, false);
  return start.function(start.argument);
}

typedef int create_function(pthread_t *, const pthread_attr_t *,
                            void *(*)(void *), void *);

GC_API int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*function)(void *), void *argument) {
  static void *slot;
  create_function *create =
    (create_function *)original(&slot, "pthread_create");
  struct start *start = NULL;
  bool is_zero;
  if (wire_ensure_attached())
    start = heap_allocate(KIND_UNCOLLECTABLE, sizeof *start, BLOCK_ALIGN,
                          &is_zero);
  if (!start)
    return EAGAIN;
  *start = (struct start){ function, argument };
  int error = create(thread, attributes, run_attached, start);
  if (error)
    heap_free(start, false);
  return error;
}

// ---- Contexts -----------------------------------------------------------------------------

#define CONTEXT_ARGUMENTS 8  // more than any caller has; integers, as POSIX says

typedef void make_function(ucontext_t *, void (*)(void), int, ...);

GC_API void makecontext(ucontext_t *context, void (*function)(void), int count,
                        ...) {
  static void *slot;
  make_function *make = (make_function *)original(&slot, "makecontext");
  uintptr_t low = (uintptr_t)context->uc_stack.ss_sp;
  if (wire_ensure())
    ranges_add_stack((struct range){ low, low + context->uc_stack.ss_size },
                     true);
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

GC_API void *__cxa_allocate_exception(size_t bytes);
GC_API void __cxa_free_exception(void *exception);

GC_API void *__cxa_allocate_exception(size_t bytes) {
  static void *slot;
  void *(*allocate)(size_t) =
    (void *(*)(size_t))original(&slot, "__cxa_allocate_exception");
  void *exception = allocate(bytes);
  uintptr_t at = (uintptr_t)exception;
  if (wire_ensure())
    ranges_add_stack(
      (struct range){ at - EXCEPTION_HEADER_BYTES, at + bytes }, true);
  return exception;
}

GC_API void __cxa_free_exception(void *exception) {
  static void *slot;
  void (*release)(void *) =
    (void (*)(void *))original(&slot, "__cxa_free_exception");
  ranges_remove_stack((uintptr_t)exception - EXCEPTION_HEADER_BYTES);
  release(exception);
}

// ---- Signal masks ---------------------------------------------------------------------------

typedef int mask_function(int, const sigset_t *, sigset_t *);

// `set` without our signal, unless it unblocks.
static const sigset_t *spare_our_signal(int how, const sigset_t *set,
                                        sigset_t *copy) {
  int signal = os_suspend_signal();
  if (!set || how == SIG_UNBLOCK || signal == 0)
    return set;
  *copy = *set;
  sigdelset(copy, signal);
  return copy;
}

GC_API int pthread_sigmask(int how, const sigset_t *set, sigset_t *old) {
  static void *slot;
  mask_function *mask = (mask_function *)original(&slot, "pthread_sigmask");
  sigset_t copy;
  return mask(how, spare_our_signal(how, set, &copy), old);
}

GC_API int sigprocmask(int how, const sigset_t *set, sigset_t *old) {
  static void *slot;
  mask_function *mask = (mask_function *)original(&slot, "sigprocmask");
  sigset_t copy;
  return mask(how, spare_our_signal(how, set, &copy), old);
}
