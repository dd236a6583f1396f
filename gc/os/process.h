// process.h -- what /proc says of this process: threads, mappings, residency
//
// Raw system calls into buffers on the stack; no malloc, no stdio, so that all
// of it may run while other threads are stopped.  Where /proc is not mounted,
// or no descriptor is free, each function says so by its result and the callers
// do without.

#ifndef GLEANER_OS_PROCESS_H
#define GLEANER_OS_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "os/range.h"

// Threads of the process as the kernel counts them; 0 if unknown.  One system
// call.
unsigned os_process_thread_count(void);

// Calls `visit` with each thread's id; 0, or a negative errno value.
int os_process_visit_threads(void (*visit)(pid_t tid, void *context),
                             void *context);

// True if the thread has ended, or is a zombie that runs no more code.
bool os_process_thread_is_gone(pid_t tid);

// True for a thread of the kernel's that is listed with ours (io_uring's workers):
// it runs no code of the program, and takes no signal.
bool os_process_thread_is_worker(pid_t tid);

// Is `signal` blocked in the thread?  False if unknown.
bool os_process_thread_blocks(pid_t tid, int signal);

// The readable mapping `address` lies in; an empty range if there is none.
// Where /proc cannot be read: from the address's page as far as can be read.
struct range os_process_mapping_of(uintptr_t address);

// Can the page of `address` be read?  One system call, which needs no file.
bool os_process_can_read(uintptr_t address);

// Calls `visit` with the parts of [low, high) that can be read.  A system call
// for each page.
void os_process_visit_readable(struct range range, range_visitor visit,
                               void *context);

// Calls `visit` with the parts of [low, high) that hold memory -- resident or
// swapped out.  What was never touched, or is not mapped, is left out, so that
// reading what is visited neither faults nor brings pages into being.  Where
// /proc cannot be read: the parts that can.
void os_process_visit_touched(struct range range, range_visitor visit,
                              void *context);

#endif
