// regime.h -- one set of names for every memory library that is compared
//
// Each workload is written once over the functions below and compiled once
// per regime; -DREGIME_<NAME> picks the regime.  A function here is a single
// call into the shared object of that library, so all of them pay the same
// PLT call and none is inlined into the workload.
//
// MEM_FREES says how memory comes back: 1, the workload calls mem_free();
// 0, it never does and a collector finds what is dead.  Workloads test it in
// an ordinary `if`.
//
//   mem_init              before anything else, once
//   mem_alloc             contents not promised (collectors clear it anyway)
//   mem_alloc_zeroed      contents zero
//   mem_alloc_data        as mem_alloc, and never holds a pointer
//   mem_free              manual regimes only
//   mem_collect           one full collection, now; collectors only
//   mem_collections(on)   allow or forbid automatic collections
//   MEM_SYMBOL            the function that serves mem_alloc, MEM_OBJECT a
//                         part of the name of the shared object it must
//                         come from: `PROGRAM whoami` checks it
#ifndef BENCH_REGIME_H
#define BENCH_REGIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#if defined REGIME_GLEANER_GC

#  include <gleaner/gc.h>
#  define MEM_NAME "gleaner-gc"
#  define MEM_SYMBOL "gc_malloc"
#  define MEM_OBJECT "libgleaner.so"
#  define MEM_FREES 0
static inline void mem_init(void) {}
static inline void *mem_alloc(size_t bytes) { return gc_malloc(bytes); }
static inline void *mem_alloc_zeroed(size_t bytes) { return gc_malloc(bytes); }
static inline void *mem_alloc_data(size_t bytes) {
  return gc_malloc_atomic(bytes);
}
static inline void mem_free(void *block) { gc_free(block); }
static inline void mem_collect(void) { gc_collect(); }
static inline void mem_collections(bool on) {
  if (on)
    gc_enable();
  else
    gc_disable();
}

#elif defined REGIME_BDWGC

#  include <gc/gc.h>
#  define MEM_NAME "bdwgc"
#  define MEM_SYMBOL "GC_malloc"
#  define MEM_OBJECT "libgc.so"
#  define MEM_FREES 0
static inline void mem_init(void) { GC_INIT(); }
static inline void *mem_alloc(size_t bytes) { return GC_MALLOC(bytes); }
static inline void *mem_alloc_zeroed(size_t bytes) { return GC_MALLOC(bytes); }
static inline void *mem_alloc_data(size_t bytes) {
  return GC_MALLOC_ATOMIC(bytes);
}
static inline void mem_free(void *block) { GC_FREE(block); }
static inline void mem_collect(void) { GC_gcollect(); }
static inline void mem_collections(bool on) {
  if (on)
    GC_enable();
  else
    GC_disable();
}

#else

// The malloc family of REGIME_<NAME> under one prefix.
#  if defined REGIME_GLEANER_MM
#    include <gleaner/mm.h>
#    define MEM_NAME "gleaner-mm"
#    define MEM_SYMBOL "mm_malloc"
#    define MEM_OBJECT "libgleaner.so"
#    define MEM_FAMILY(name) mm_##name
#  elif defined REGIME_MIMALLOC
#    include <mimalloc.h>
#    define MEM_NAME "mimalloc"
#    define MEM_SYMBOL "mi_malloc"
#    define MEM_OBJECT "libmimalloc"
#    define MEM_FAMILY(name) mi_##name
#  elif defined REGIME_TCMALLOC
#    include <gperftools/tcmalloc.h>
#    define MEM_NAME "tcmalloc"
#    define MEM_SYMBOL "tc_malloc"
#    define MEM_OBJECT "libtcmalloc"
#    define MEM_FAMILY(name) tc_##name
#  elif defined REGIME_JEMALLOC
#    define MEM_NAME "jemalloc"
#    define MEM_SYMBOL "malloc"
#    define MEM_OBJECT "libjemalloc"
#    define MEM_FAMILY(name) name
#  elif defined REGIME_GLIBC
#    define MEM_NAME "glibc"
#    define MEM_SYMBOL "malloc"
#    define MEM_OBJECT "libc.so"
#    define MEM_FAMILY(name) name
#  else
#    error "define one REGIME_<NAME>"
#  endif

#  define MEM_FREES 1
static inline void mem_init(void) {}
static inline void *mem_alloc(size_t bytes) {
  return MEM_FAMILY(malloc)(bytes);
}
static inline void *mem_alloc_zeroed(size_t bytes) {
  return MEM_FAMILY(calloc)(1, bytes);
}
static inline void *mem_alloc_data(size_t bytes) {
  return MEM_FAMILY(malloc)(bytes);
}
static inline void mem_free(void *block) { MEM_FAMILY(free)(block); }
static inline void mem_collect(void) {}
static inline void mem_collections(bool on) { (void)on; }

#endif
#endif
