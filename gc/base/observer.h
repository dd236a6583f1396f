// observer.h -- Valgrind, told what a block is
//
// Under Memcheck the heap is one mapping, all of it readable: client requests
// say which parts are blocks of the program, so that an overflow, a use after
// free or a leak of manual memory is reported as one of malloc's would be.  And
// the collector reads stacks that nobody initialised: it says when it does.
//
// Source: Valgrind's manual, section 4.7 (client requests).  Built in where
// valgrind/memcheck.h is present; outside Valgrind each request is a few
// instructions without effect, and no fast path makes one.
//
// Any thread; observer_is_present() after observer_init().

#ifndef GLEANER_BASE_OBSERVER_H
#define GLEANER_BASE_OBSERVER_H

#ifdef HAVE_CONFIG_H
#  include "config.h"
#endif

#include <stdbool.h>
#include <stddef.h>

#ifdef HAVE_VALGRIND_MEMCHECK_H
#  include <valgrind/memcheck.h>
#  include <valgrind/valgrind.h>
#endif

extern bool observer_present;

static inline bool observer_is_present(void) { return observer_present; }

#ifdef HAVE_VALGRIND_MEMCHECK_H

// Memcheck alone answers; Callgrind and its like shall see the fast paths.
static inline void observer_init(void) {
  char byte = 0;
  observer_present = VALGRIND_MAKE_MEM_DEFINED(&byte, 1) != 0;
}

// `block` has `bytes` bytes for the program from now on; the rest of its
// `usable_bytes` is out of bounds.
static inline void observer_allocated(void *block, size_t bytes,
                                      size_t usable_bytes, bool is_zeroed) {
  VALGRIND_MAKE_MEM_NOACCESS(block, usable_bytes);
  VALGRIND_MALLOCLIKE_BLOCK(block, bytes, 0, is_zeroed);
}
static inline void observer_freed(void *block) {
  VALGRIND_FREELIKE_BLOCK(block, 0);
}

// What was blocks of the program, or computed from what nobody initialised, is
// memory like any other from now on.
static inline void observer_define(const void *memory, size_t bytes) {
  VALGRIND_MAKE_MEM_DEFINED(memory, bytes);
}

// Between the two, nothing this thread reads is an error.
static inline void observer_look_away(void) {
  VALGRIND_DISABLE_ERROR_REPORTING;
}
static inline void observer_look_again(void) {
  VALGRIND_ENABLE_ERROR_REPORTING;
}

// The block, of at most `most_bytes` so far, has `bytes` now.  How many it had,
// Valgrind itself says: the first byte that may not be touched ends it.
static inline void observer_extend(void *block, size_t most_bytes,
                                   size_t bytes) {
  observer_look_away();
  size_t end = VALGRIND_CHECK_MEM_IS_ADDRESSABLE(block, most_bytes);
  observer_look_again();
  size_t had = end ? end - (size_t)block : most_bytes;
  VALGRIND_RESIZEINPLACE_BLOCK(block, had, bytes, 0);
}

#else

static inline void observer_init(void) {}
static inline void observer_allocated(void *block, size_t bytes,
                                      size_t usable_bytes, bool is_zeroed) {
  (void)block;
  (void)bytes;
  (void)usable_bytes;
  (void)is_zeroed;
}
static inline void observer_extend(void *block, size_t most_bytes,
                                   size_t bytes) {
  (void)block;
  (void)most_bytes;
  (void)bytes;
}
static inline void observer_freed(void *block) { (void)block; }
static inline void observer_define(const void *memory, size_t bytes) {
  (void)memory;
  (void)bytes;
}
static inline void observer_look_away(void) {}
static inline void observer_look_again(void) {}

#endif

#endif
