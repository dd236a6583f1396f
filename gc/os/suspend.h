// suspend.h -- stop a thread where it stands, and let it go on
//
// One real-time-safe signal.  The handler runs on whatever stack the thread is
// on; the kernel saved its registers there (in the signal frame, past the red
// zone), so that a scan from the handler's frame upward covers them.  It then
// tells the stopper, and waits on a futex for the generation to change.
//
//   1. the stopper sets `generation` odd and queues the signal, with the address
//      of the thread's struct suspension as its value
//   2. the handler notes stack pointer and thread pointer, stores the
//      generation in `acknowledged`, and wakes the stopper
//   3. the stopper makes the generation even and wakes all
//
// A signal without such a value, or out of a stop, is not ours and is ignored.
// SA_RESTART is set and errno kept.

#ifndef GLEANER_OS_SUSPEND_H
#define GLEANER_OS_SUSPEND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct suspension {
  pid_t tid;
  volatile uint32_t acknowledged;    // generation it stands still for
  volatile uintptr_t stack_pointer;  // valid while it stands still
  volatile uintptr_t thread_pointer;
};

// Installs the handler.  0, or a negative errno value.
int os_suspend_init(int signal);

// The signal in use, or that will be.
int os_suspend_signal(void);

// Is it in use?
bool os_suspend_has_begun(void);

// Lets the calling thread receive it, whatever was blocked before.
void os_suspend_accept(void);

// Starts a stop; then one request a thread: false if the thread is gone.
void os_suspend_begin(void);
bool os_suspend_request(struct suspension *thread);

// Waits until the thread stands still; false if it is gone.
//
// `is_ending`: the thread is known to have run its last destructor.  Once it
// blocks the signal it runs none of the program's code any more, and counts as
// gone: glibc ends a thread with signals blocked, and takes locks of its own
// there (stack cache, malloc) that a thread which stands still may hold.
bool os_suspend_wait(struct suspension *thread, bool is_ending);

// Lets all go on.
void os_suspend_end(void);

#endif
