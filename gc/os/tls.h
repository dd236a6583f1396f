// tls.h -- the thread-local storage of any thread, by its thread pointer
//
// glibc keeps at the thread pointer a vector (dtv) of the thread's TLS blocks,
// one a loaded module, and in its struct pthread the values of
// pthread_setspecific: the first 32 in place, the rest in blocks of 32 that a
// second table points to.  Neither layout is an interface, so os_tls_init()
// looks for both in the running program and proves them against what
// dl_iterate_phdr and pthread_getspecific say; what cannot be proved is not
// used, and os_tls_is_known() says so.
//
// Source: U. Drepper, "ELF Handling For Thread-Local Storage" (2005); glibc's
// nptl/descr.h for the shape of the second table.

#ifndef GLEANER_OS_TLS_H
#define GLEANER_OS_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "os/range.h"

// The calling thread's thread pointer.  Any context.
uintptr_t os_tls_thread_pointer(void);

// Proves the layouts.  The calling thread must have a value set for `key`.
// Once, before any other call.
void os_tls_init(unsigned key);

bool os_tls_is_known(void);
bool os_tls_specific_is_known(void);

// Visits the TLS blocks and the pthread_setspecific values of the thread whose
// thread pointer is given, which must be stopped or be the caller.
// Calls os_objects_visit_tls_modules().
void os_tls_visit(uintptr_t thread_pointer, range_visitor visit,
                  void *context);

#endif
