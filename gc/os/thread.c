// thread.c -- see thread.h

#include "os/thread.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/settings.h"

// Where the kernel put the main thread's arguments: the end of its stack.
extern void *__libc_stack_end;

#define MAIN_STACK_MAX_BYTES GIB  // when no limit is set
#define DEAD_STACK_BYTES 2048

pid_t os_thread_id(void) { return (pid_t)syscall(SYS_gettid); }

static struct range main_stack(void) {
  uintptr_t high = round_up((uintptr_t)__libc_stack_end + 1, 4096);
  struct rlimit limit;
  uintptr_t bytes = MAIN_STACK_MAX_BYTES;
  if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < bytes)
    bytes = (uintptr_t)limit.rlim_cur;
  return (struct range){ high - bytes, high };
}

struct range os_thread_stack(void) {
  if (os_thread_id() == getpid())
    return main_stack();
  int saved = errno;
  struct range stack = { 0, 0 };
  pthread_attr_t attributes;
  void *low;
  size_t bytes;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    if (pthread_attr_getstack(&attributes, &low, &bytes) == 0)
      stack = (struct range){ (uintptr_t)low, (uintptr_t)low + bytes };
    pthread_attr_destroy(&attributes);
  }
  errno = saved;
  return stack;
}

NOINLINE void os_thread_with_registers(stack_body body, void *context) {
  jmp_buf registers;
  __builtin_unwind_init();  // callee-saved registers go into this frame
  (void)setjmp(registers);
  body((uintptr_t)__builtin_frame_address(0) < (uintptr_t)&registers
         ? (uintptr_t)__builtin_frame_address(0)
         : (uintptr_t)&registers,
       context);
  COMPILER_BARRIER();  // no tail call: the frame stays
}

NOINLINE void os_thread_clear_dead_stack(void) {
  char dead[DEAD_STACK_BYTES];
  memset(dead, 0, sizeof dead);
  __asm__ volatile("" ::"r"(dead) : "memory");
}
