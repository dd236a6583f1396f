// thread.h -- the calling thread: its id, its stack, its registers

#ifndef GLEANER_OS_THREAD_H
#define GLEANER_OS_THREAD_H

#include <stdint.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "os/range.h"

pid_t os_thread_id(void);

// The calling thread's stack, as the system made it.  `low` is a bound, not
// what is mapped: the main thread's grows on demand.  May call malloc.
struct range os_thread_stack(void);

// Calls `body` with an address below which nothing of the caller lies, all
// registers being saved above it.
typedef void (*stack_body)(uintptr_t stack_pointer, void *context);
void os_thread_with_registers(stack_body body, void *context);

// Overwrites some dead stack below the caller's frame.
void os_thread_clear_dead_stack(void);

#endif
