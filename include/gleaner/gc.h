/* gc.h -- the automatic regime: allocate, forget, and let the collector find
 * what nobody can reach any more.
 *
 *     #include <gleaner/gc.h>
 *     struct node *n = gc_malloc(sizeof *n);      // zeroed; never freed
 *
 * No initialisation is needed, threads need no registration, and pointers are
 * found in registers, stacks, thread-local storage, static data of every
 * loaded object and in the manual memory of gleaner/mm.h.  They are *not*
 * looked for in memory from another allocator or from mmap: hand such ranges
 * to gc_add_roots().  A pointer to any byte of a block keeps it alive.
 *
 * Unless a function says otherwise: any thread may call it; none may be called
 * from a signal handler, an out-of-memory handler excepted where it says so;
 * a result of type int is 0, or a negative errno value with nothing changed.
 *
 * Link with `pkg-config --cflags --libs gleaner`.  Run-time options come from
 * the environment variable GLEANER_OPTIONS; GLEANER_OPTIONS=help prints them.
 */
#ifndef GLEANER_GC_H
#define GLEANER_GC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined __GNUC__
#  define GC_API __attribute__((visibility("default")))
#  define GC_API_ALLOC(...) \
    __attribute__((visibility("default"), malloc, alloc_size(__VA_ARGS__)))
#else
#  define GC_API
#  define GC_API_ALLOC(...)
#endif

/* ---- Allocating --------------------------------------------------------- */

/**
 * Allocate `bytes` bytes of zeroed memory that the collector scans and frees.
 *
 *   bytes    size in bytes; 0 gives a distinct block of the smallest size
 *   returns  memory aligned to 16 bytes, or NULL with errno ENOMEM when the
 *            heap limit or the kernel refuses, also after a collection and
 *            after the out-of-memory handler (gc_set_oom_handler)
 *   collects when the pacing says so
 *   cost     a few nanoseconds and the clearing, without a lock
 *   source   segregated fits with bitmaps; doc/design/heap.md
 */
GC_API void *gc_malloc(size_t bytes) GC_API_ALLOC(1);

/**
 * As gc_malloc(), for memory that holds no pointers (text, pixels, numbers):
 * the collector never looks inside.  Zeroed too.
 */
GC_API void *gc_malloc_atomic(size_t bytes) GC_API_ALLOC(1);

/**
 * As gc_malloc(count * bytes); an overflow of the product gives NULL, ENOMEM.
 */
GC_API void *gc_calloc(size_t count, size_t bytes) GC_API_ALLOC(1, 2);

/**
 * Resize the block at `block` to `bytes` bytes, keeping its kind and contents;
 * bytes beyond the old size read as zero.
 *
 *   block    start of a block of this regime, or NULL: then as gc_malloc()
 *   bytes    the new size; 0 frees the block and returns NULL
 *   returns  the block, moved or not; NULL with ENOMEM and the old block
 *            untouched
 *   misuse   an address that is not such a block: one line on stderr, abort
 */
GC_API void *gc_realloc(void *block, size_t bytes)
  __attribute__((alloc_size(2), warn_unused_result));

/** Copy the text at `text`, with its NUL, into pointer-free memory. */
GC_API char *gc_strdup(const char *text) __attribute__((malloc));

/** As gc_strdup(), of at most `max_bytes` bytes before the NUL. */
GC_API char *gc_strndup(const char *text, size_t max_bytes)
  __attribute__((malloc));

/**
 * As gc_malloc(), at a multiple of `alignment`.
 *
 *   alignment  a power of two; otherwise NULL with errno EINVAL
 */
GC_API void *gc_aligned_alloc(size_t alignment, size_t bytes)
  __attribute__((malloc, alloc_size(2)));

/**
 * As gc_malloc(), for a block that is itself a root: it is scanned, and stays
 * until gc_free().
 */
GC_API void *gc_malloc_uncollectable(size_t bytes) GC_API_ALLOC(1);

/**
 * Free a block at once, for who knows better than the collector.
 *
 *   block    start of a live block of this regime, or NULL (no effect)
 *   misuse   anything else -- a block freed already, an address inside a
 *            block, memory of mm_malloc or another allocator, a stack, static
 *            or code address -- prints one line with the address, the size and
 *            what is wrong, and aborts
 *   cost     a few nanoseconds, no lock
 */
GC_API void gc_free(void *block);

/* ---- Asking ------------------------------------------------------------- */

/**
 * Bytes of the block that starts at `block` which may be used: at least what
 * was asked for.  0 for NULL.  Misuse as gc_free().
 */
GC_API size_t gc_usable_size(const void *block);

/**
 * Start of the live block, of either regime, in which `address` lies; NULL if
 * there is none.  Any address may be asked for; nothing is dereferenced.
 */
GC_API void *gc_base(const void *address);

/** 1 if `address` lies in a live block of the automatic regime, else 0. */
GC_API int gc_is_automatic(const void *address);

/** 1 if `address` lies in a live block of the manual regime, else 0. */
GC_API int gc_is_manual(const void *address);

/**
 * Would a pointer stored at `location` be seen by the collector?
 *
 *   returns  1 if `location` lies in a live block that is scanned, in static
 *            data, in a registered range or stack, or in the stack or the
 *            thread-local storage of an attached thread; else 0
 *   cost     microseconds: walks the loaded objects and the threads
 */
GC_API int gc_is_visible(const void *location);

/* ---- Collecting --------------------------------------------------------- */

/**
 * Collect now: stop the other threads, mark, and free what is unreachable.
 * Returns when the trace is done; memory is swept as it is needed.  Has no
 * effect while gc_disable() is in force.
 */
GC_API void gc_collect(void);

/** Forbid collections until the matching gc_enable(); calls nest. */
GC_API void gc_disable(void);

/** Undo one gc_disable().  One too many is ignored. */
GC_API void gc_enable(void);

/** 1 while collections are forbidden, else 0. */
GC_API int gc_is_disabled(void);

/**
 * Bound the heap, both regimes together and free pages included.
 *
 *   bytes    the limit; 0 lifts it.  A limit below today's size lets nothing
 *            grow until memory was given back.
 *   returns  0
 */
GC_API int gc_set_heap_limit(size_t bytes);

/**
 * Collect when what was allocated since the last collection reaches `percent`
 * of what that one left alive (GOGC elsewhere).  More is faster and larger.
 * Unless this is set, it is 200 up to 64 MiB live, and less above: 50 at 1 GiB.
 *
 *   percent  1 to 10000, or 0 for that default; otherwise -EINVAL
 */
GC_API int gc_set_growth(unsigned percent);

/**
 * Called when memory is refused, after a collection, before NULL is returned.
 *
 *   bytes    what the program asked for
 *   context  as given to gc_set_oom_handler()
 *   returns  1 to have the allocation tried once more (something was
 *            released), 0 to let it fail.  The handler may free, collect,
 *            raise the limit, or leave by longjmp; allocations inside it fail
 *            without calling it again.
 */
typedef int (*gc_oom_handler)(size_t bytes, void *context);

/** Install `handler` (NULL for none) for both regimes. */
GC_API void gc_set_oom_handler(gc_oom_handler handler, void *context);

/* ---- Roots -------------------------------------------------------------- */

/**
 * Scan [low, high) for pointers at each collection.  The range must stay
 * readable until it is removed.
 *
 *   returns  0; -EINVAL if high < low; -ENOMEM
 *   cost     linear in the ranges registered
 */
GC_API int gc_add_roots(const void *low, const void *high);

/** Stop scanning [low, high), also where it is part of a registered range. */
GC_API int gc_remove_roots(const void *low, const void *high);

/**
 * Never take [low, high) for roots: static data or registered ranges that
 * overlap it are scanned around it.  Undone by gc_include_roots().
 */
GC_API int gc_exclude_roots(const void *low, const void *high);

/** Undo gc_exclude_roots() of exactly this range; -ENOENT if there is none. */
GC_API int gc_include_roots(const void *low, const void *high);

/**
 * Register a coroutine stack of the program's own making.  While a thread runs
 * on it, it is scanned from that thread's stack pointer; suspended, as a
 * whole.  Stacks given to makecontext() are found without this.
 *
 *   low      lowest address     bytes  size in bytes
 *   returns  0; -EINVAL for an empty range; -EEXIST if `low` is registered;
 *            -ENOMEM
 */
GC_API int gc_add_stack(void *low, size_t bytes);

/** Forget the stack at `low`; -ENOENT if it is not registered. */
GC_API int gc_remove_stack(void *low);

/* ---- Threads ------------------------------------------------------------ */

/**
 * Make the calling thread known to the collector.  Never required: threads of
 * pthread_create() are known from their start, others from their first
 * allocation or the first collection that meets them.  0, also when known.
 */
GC_API int gc_thread_attach(void);

/**
 * Forget the calling thread and give its pages back before it ends.  Its stack
 * is scanned no more; the next call attaches it again.
 */
GC_API int gc_thread_detach(void);

/* ---- Statistics and events ---------------------------------------------- */

/**
 * What the library knows about itself.  Counters only grow.  Fields are only
 * ever appended; `version` says how many there are.
 */
struct gc_stats {
  uint64_t version;              /* 1                                          */
  uint64_t collections;          /* collections finished                       */
  uint64_t heap_bytes;           /* committed by the heap: blocks in use, free
                                    blocks, and free pages not yet given back  */
  uint64_t metadata_bytes;       /* committed by bitmaps, tables, mark stacks  */
  uint64_t free_page_bytes;      /* of heap_bytes: pages without any block     */
  uint64_t live_bytes;           /* automatic blocks the last collection found
                                    reachable                                  */
  uint64_t allocated_bytes;      /* automatic, since the start.  Exact to 64
                                    blocks a thread and size class             */
  uint64_t allocated_since_bytes;/* automatic, since the last collection       */
  uint64_t manual_bytes;         /* handed out by mm_malloc and not freed      */
  uint64_t manual_blocks;        /* the same, counted                          */
  uint64_t uncollectable_bytes;  /* handed out by gc_malloc_uncollectable      */
  uint64_t next_collection_bytes;/* allocated_since_bytes that starts the next */
  uint64_t heap_limit_bytes;     /* 0: none                                    */
  uint64_t marked_bytes;         /* by all collections together                */
  uint64_t unreached_manual_bytes;/* manual blocks that the last collection
                                    reached from no root: leaks, unless the
                                    program hides its pointers                 */
  uint64_t unreached_manual_blocks;
  uint64_t root_bytes;           /* scanned by the last collection             */
  uint64_t threads;              /* attached now                               */
  uint64_t pause_last_ns;        /* world stopped, last collection             */
  uint64_t pause_max_ns;
  uint64_t pause_total_ns;
  uint64_t stop_last_ns;         /* of that: until every thread stood still    */
  uint64_t mark_last_ns;         /* of that: marking                           */
  uint64_t kernel_requests;      /* for memory, to the kernel                  */
  uint64_t purged_bytes;         /* given back to the kernel, all together     */
};

/**
 * Fill `stats`.
 *
 *   stats    where to            size  sizeof *stats as the caller knows it
 *   returns  0; -EINVAL if size is 0.  A caller compiled against an older,
 *            shorter struct gets its own fields.
 *   cost     walks the pages of the heap
 */
GC_API int gc_get_stats(struct gc_stats *stats, size_t size);

enum gc_event_kind {
  GC_EVENT_COLLECTION_START, /* about to stop the others                    */
  GC_EVENT_PAUSE_BEGIN,      /* every other thread stands still             */
  GC_EVENT_PAUSE_END,        /* they run again                              */
  GC_EVENT_COLLECTION_END    /* figures of the collection are known         */
};

struct gc_event {
  enum gc_event_kind kind;
  uint64_t time_ns;      /* CLOCK_MONOTONIC                                    */
  uint64_t collection;   /* number, from 1                                     */
  const char *cause;     /* "growth", "explicit", "limit", "memory", "stress"  */
  uint64_t pause_ns;     /* from PAUSE_END on                                  */
  uint64_t live_bytes;   /* in COLLECTION_END                                  */
  uint64_t heap_bytes;   /* in COLLECTION_END                                  */
};

/**
 * Called on the collecting thread.  At PAUSE_BEGIN the other threads stand still
 * and may hold any lock: the callback must then not allocate, use stdio, take a
 * lock or call this library.  At the other events it may allocate and ask for
 * statistics; a collection that it asks for, or causes, is not made.  It must
 * not fork, nor leave by longjmp.
 */
typedef void (*gc_event_callback)(const struct gc_event *event, void *context);

/** Install `callback` (NULL for none). */
GC_API void gc_set_event_callback(gc_event_callback callback, void *context);

/** "MAJOR.MINOR.PATCH" of the library that runs. */
GC_API const char *gc_version(void);

#ifdef __cplusplus
}
#endif
#endif
