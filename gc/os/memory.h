// memory.h -- address ranges from the kernel
//
// A range is reserved (addresses only), committed (may be touched), purged
// (contents dropped: reads as zero, costs nothing until touched) and unmapped.
//
//     reserve          commit
//   -----------> none ---------> committed --- touch ---> resident
//                                    ^---------- purge ------/
//
// Every request that may fail is counted, and the option fail=N makes the N-th one fail as if
// the kernel had: nothing above this file may call mmap, mprotect, mremap or
// madvise itself.
//
// Addresses and sizes are multiples of os_page_bytes().  Functions keep errno,
// and return NULL or a negative errno value on failure.  Any thread; not from
// signal handlers.

#ifndef GLEANER_OS_MEMORY_H
#define GLEANER_OS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

size_t os_page_bytes(void);

// Addresses without memory, at `hint` if they are free there, else anywhere.
void *os_memory_reserve(uintptr_t hint, size_t bytes);

// Zeroed memory anywhere, and zeroed memory exactly at `at` (NULL if anything
// is mapped there already).
void *os_memory_map(size_t bytes);
void *os_memory_map_at(uintptr_t at, size_t bytes);

int os_memory_commit(void *at, size_t bytes);
int os_memory_purge(void *at, size_t bytes);
void os_memory_want_huge(void *at, size_t bytes);
void os_memory_unmap(void *at, size_t bytes);

// Bytes of address space the process may have; SIZE_MAX for no limit.
size_t os_memory_address_limit(void);

// Requests so far.
uint64_t os_memory_requests(void);

#endif
