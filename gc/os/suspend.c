// suspend.c -- see suspend.h

#include "os/suspend.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/format.h"
#include "base/lock.h"
#include "base/options.h"
#include "os/process.h"
#include "os/thread.h"
#include "os/tls.h"

#define SPINS_BEFORE_SLEEP 200
#define WAIT_NS 500000u  // then a look whether the thread is gone
#define REQUEST_TRIES 8000          // of WAIT_NS: seconds
#define WAITS_BEFORE_COMPLAINT 4000

static struct {
  int signal;                    // 0: not started
  volatile uint32_t generation;  // odd while a stop is in force
  volatile uint32_t arrivals;    // changes with each acknowledgement
  volatile pid_t stopper;        // never stops itself
} state;

// The stack pointer is taken in a frame below everything the thread had.
static NOINLINE void stand_still(struct suspension *self,
                                 uint32_t generation) {
  // The two signals that libc keeps for itself too: a cancellation would unwind
  // the stack while it is scanned.  The kernel restores the mask.
  uint64_t all = ~(uint64_t)0;
  syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, sizeof all);
  self->stack_pointer = (uintptr_t)__builtin_frame_address(0);
  self->thread_pointer = os_tls_thread_pointer();
  __atomic_store_n(&self->acknowledged, generation, __ATOMIC_RELEASE);
  __atomic_fetch_add(&state.arrivals, 1, __ATOMIC_ACQ_REL);
  futex_wake_all(&state.arrivals);
  while (__atomic_load_n(&state.generation, __ATOMIC_ACQUIRE) == generation)
    futex_wait(&state.generation, generation, 0);
}

static void handle(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)context;
  int saved = errno;
  uint32_t generation = __atomic_load_n(&state.generation, __ATOMIC_ACQUIRE);
  if (info->si_code == SI_QUEUE && info->si_pid == getpid()
      && generation % 2 == 1) {
    struct suspension *self = info->si_value.sival_ptr;
    if (self && self->tid == os_thread_id() && self->tid != state.stopper
        && self->acknowledged != generation)
      stand_still(self, generation);
  }
  errno = saved;
}

static int default_signal(void) { return SIGRTMAX - 4; }

int os_suspend_init(int signal) {
  signal = signal ? signal : default_signal();
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigfillset(&action.sa_mask);
  if (sigaction(signal, &action, NULL))
    return -errno;
  state.signal = signal;
  return 0;
}

int os_suspend_signal(void) {
  return state.signal ? state.signal : default_signal();
}

bool os_suspend_has_begun(void) { return state.signal != 0; }

void os_suspend_accept(void) {
  uint64_t set = (uint64_t)1 << (os_suspend_signal() - 1);
  int saved = errno;
  syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, sizeof set);
  errno = saved;
}

void os_suspend_begin(void) {
  state.stopper = os_thread_id();
  __atomic_fetch_add(&state.generation, 1, __ATOMIC_ACQ_REL);
}

bool os_suspend_request(struct suspension *thread) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = state.signal;
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_ptr = thread;
  int saved = errno;
  long result;
  // EAGAIN: the queue of signals is full, for a moment as a rule.
  unsigned tries = 0;
  while ((result = syscall(SYS_rt_tgsigqueueinfo, getpid(), thread->tid,
                           state.signal, &info)) != 0
         && errno == EAGAIN && tries++ < REQUEST_TRIES)
    futex_wait(&state.arrivals, state.arrivals, WAIT_NS);
  int error = result == 0 ? 0 : errno;
  errno = saved;
  // A thread that runs on beside the trace would lose its memory.
  if (error && error != ESRCH)
    panic("thread %d cannot be stopped: the kernel refuses the signal (error "
          "%d)", (int)thread->tid, error);
  return error == 0;
}

static bool has_arrived(const struct suspension *thread) {
  return __atomic_load_n(&thread->acknowledged, __ATOMIC_ACQUIRE)
         == state.generation;
}

// Where /proc cannot be read, the kernel still knows whether there is such a
// thread.
static bool is_gone(pid_t tid) {
  int saved = errno;
  bool is_unknown =
    syscall(SYS_tgkill, getpid(), tid, 0) != 0 && errno == ESRCH;
  errno = saved;
  return is_unknown || os_process_thread_is_gone(tid);
}

bool os_suspend_wait(struct suspension *thread, bool is_ending) {
  for (int i = 0; i < SPINS_BEFORE_SLEEP; i++)
    if (has_arrived(thread))
      return true;
  for (unsigned waits = 0;; waits++) {
    uint32_t arrivals = __atomic_load_n(&state.arrivals, __ATOMIC_ACQUIRE);
    if (has_arrived(thread))
      return true;
    futex_wait(&state.arrivals, arrivals, WAIT_NS);
    if (has_arrived(thread))
      return true;
    if (waits % 2 == 0 && is_gone(thread->tid))
      return false;
    if (is_ending && os_process_thread_blocks(thread->tid, state.signal))
      return false;
    if (waits == WAITS_BEFORE_COMPLAINT && options.verbose
        && os_process_thread_blocks(thread->tid, state.signal))
      print_line("thread %d blocks signal %d, with which threads are stopped; "
                 "waiting until it does not",
                 (int)thread->tid, state.signal);
  }
}

void os_suspend_end(void) {
  __atomic_fetch_add(&state.generation, 1, __ATOMIC_ACQ_REL);
  futex_wake_all(&state.generation);
}
