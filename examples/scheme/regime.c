/* regime.c -- figures and limits of the regime, for --stats and --heap. */

#include "regime.h"

#if defined REGIME_LIBC_LEAKY

#include <errno.h>
#include <sys/resource.h>

struct regime_stats regime_stats(void) {
  return (struct regime_stats){ 0 };
}

/* The system's malloc has no limit of its own: bound the address space. */
int regime_set_heap_limit(size_t bytes) {
  struct rlimit limit = { .rlim_cur = bytes, .rlim_max = RLIM_INFINITY };
  return setrlimit(RLIMIT_AS, &limit) ? -errno : 0;
}

#else

struct regime_stats regime_stats(void) {
  struct gc_stats gc = { 0 };
  gc_get_stats(&gc, sizeof gc);
  return (struct regime_stats){ .collections = gc.collections,
                                .pause_max_ns = gc.pause_max_ns,
                                .allocated_bytes = gc.allocated_bytes,
                                .heap_bytes = gc.heap_bytes };
}

int regime_set_heap_limit(size_t bytes) {
  return gc_set_heap_limit(bytes);
}

#endif
