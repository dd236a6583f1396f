/* regime.h -- the only file that differs between the three interpreters.
 *
 * The same source is compiled three times, with one of
 *
 *     -DREGIME_GC           gc_malloc: what is unreachable comes back
 *     -DREGIME_MM_LEAKY     mm_calloc, never freed: the manual regime as an
 *                           arena that only grows
 *     -DREGIME_LIBC_LEAKY   the system's calloc, never freed
 *
 * so that a difference in a result is a fault of the collector, and a
 * difference in time or memory is its price.  Nothing in this interpreter ever
 * frees anything.
 *
 * A result is NULL when memory is refused; value.h turns that into a Scheme
 * error.
 */
#ifndef SCHEME_REGIME_H
#define SCHEME_REGIME_H

#include <stddef.h>
#include <stdlib.h>

#if defined REGIME_GC

#include <gleaner/gc.h>

static inline const char *regime_name(void) { return "gc"; }

/* Zeroed memory that may hold pointers. */
static inline void *regime_alloc(size_t bytes) { return gc_malloc(bytes); }

/* Memory without pointers: text, digits, numbers. */
static inline void *regime_alloc_atomic(size_t bytes) {
  return gc_malloc_atomic(bytes);
}

#elif defined REGIME_MM_LEAKY

#include <gleaner/mm.h>

static inline const char *regime_name(void) { return "mm-leaky"; }

static inline void *regime_alloc(size_t bytes) { return mm_calloc(1, bytes); }

static inline void *regime_alloc_atomic(size_t bytes) {
  return mm_malloc_atomic(bytes);
}

#elif defined REGIME_LIBC_LEAKY

static inline const char *regime_name(void) { return "libc-leaky"; }

static inline void *regime_alloc(size_t bytes) { return calloc(1, bytes); }

static inline void *regime_alloc_atomic(size_t bytes) {
  return malloc(bytes);
}

#else
#error "define REGIME_GC, REGIME_MM_LEAKY or REGIME_LIBC_LEAKY"
#endif

/* What --stats and --heap need to know of a regime. */
struct regime_stats {
  unsigned long long collections, pause_max_ns, allocated_bytes, heap_bytes;
};
struct regime_stats regime_stats(void);
int regime_set_heap_limit(size_t bytes);

#endif
