// attributes.h -- what the compiler is told about functions and branches
//
// The library is built with hidden visibility; GC_API in the public headers
// marks what leaves it.  Any floor.

#ifndef GLEANER_BASE_ATTRIBUTES_H
#define GLEANER_BASE_ATTRIBUTES_H

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define COLD __attribute__((cold, noinline))
#define PRINTF_LIKE(text, first) \
  __attribute__((__format__(__printf__, text, first)))
#define CACHE_LINE_ALIGNED __attribute__((aligned(64)))

// The value is in a register or on the stack up to here, for the collector to see.
#define KEEP_ALIVE(value) __asm__ volatile("" ::"r"(value) : "memory")

// Reads memory that a sanitizer may know better about: another thread's stack,
// red zones, the padding between two globals.  Only the conservative scan has
// a reason to be exempt.
#define NO_SANITIZE_SCAN \
  __attribute__((no_sanitize("address"), no_sanitize("thread")))

// The compiler moves no memory access across; the processor may.
#define COMPILER_BARRIER() __asm__ volatile("" ::: "memory")

// The same, and `value` is computed, in a register, before it.  A barrier alone
// lets a compiler put off arithmetic until the result is used.
#define COMPILER_BARRIER_AFTER(value) \
  __asm__ volatile("" : "+r"(value) : : "memory")

#endif
