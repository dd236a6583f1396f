/* mm.h -- the manual regime: a malloc in the same heap as the collector.
 *
 *     #include <gleaner/mm.h>
 *     char *line = mm_malloc(80);
 *     mm_free(line);
 *
 * A pointer kept in manual memory keeps its automatic target alive, and an
 * error with the classic names -- freed twice, freed wrongly, freed by the
 * other regime -- is caught at the call: one line on stderr that names the
 * address, the size and what is wrong, then abort.  Metadata lies apart, so
 * that an overflow cannot damage it.
 *
 * Unless a function says otherwise: any thread may call it, also with a block
 * of another thread; not from signal handlers; results are aligned to 16
 * bytes; failure is NULL with errno ENOMEM, everything else unchanged; cost is
 * a few nanoseconds, with a lock at times (for a new page, and above 64 KiB).
 * Semantics are those of the function of the same name without mm_ in C17,
 * C23 and POSIX; what those leave open is said here.
 */
#ifndef GLEANER_MM_H
#define GLEANER_MM_H

#include <stddef.h>

#include <gleaner/gc.h>

#ifdef __cplusplus
extern "C" {
#endif

/** `bytes` bytes, not initialised.  0 gives a distinct smallest block. */
GC_API void *mm_malloc(size_t bytes) GC_API_ALLOC(1);

/** As mm_malloc(), for memory that holds no pointers into the automatic heap:
 *  the collector never looks inside. */
GC_API void *mm_malloc_atomic(size_t bytes) GC_API_ALLOC(1);

/** Zeroed; an overflow of count * bytes is ENOMEM. */
GC_API void *mm_calloc(size_t count, size_t bytes) GC_API_ALLOC(1, 2);

/**
 * Resize, keeping contents and kind.
 *
 *   block    of this regime, or NULL: then as mm_malloc()
 *   bytes    0 frees the block and returns NULL, as glibc does
 *   returns  the block, moved or not; NULL with the old block untouched
 */
GC_API void *mm_realloc(void *block, size_t bytes)
  __attribute__((alloc_size(2), warn_unused_result));

/** mm_realloc(block, count * bytes); an overflow is ENOMEM. */
GC_API void *mm_reallocarray(void *block, size_t count, size_t bytes)
  __attribute__((alloc_size(2, 3), warn_unused_result));

/** Free a block; NULL has no effect.  Keeps errno.  Misuse is reported. */
GC_API void mm_free(void *block);

/** As mm_free() (C23 free_sized).  `bytes` must be what was asked for. */
GC_API void mm_free_sized(void *block, size_t bytes);

/** As mm_free() (C23 free_aligned_sized), for mm_aligned_alloc() blocks. */
GC_API void mm_free_aligned_sized(void *block, size_t alignment, size_t bytes);

GC_API char *mm_strdup(const char *text) __attribute__((malloc));
GC_API char *mm_strndup(const char *text, size_t max_bytes)
  __attribute__((malloc));

/** `alignment` must be a power of two, else NULL with errno EINVAL.  `bytes`
 *  need not be a multiple of it. */
GC_API void *mm_aligned_alloc(size_t alignment, size_t bytes)
  __attribute__((malloc, alloc_size(2)));

/** 0, EINVAL (alignment no power of two or no multiple of a pointer's size) or
 *  ENOMEM, with *result untouched; errno is not set. */
GC_API int mm_posix_memalign(void **result, size_t alignment, size_t bytes);

/** As mm_aligned_alloc(); an alignment that is no power of two is rounded up
 *  to one, as glibc does. */
GC_API void *mm_memalign(size_t alignment, size_t bytes)
  __attribute__((malloc, alloc_size(2)));

/** At a multiple of the page size. */
GC_API void *mm_valloc(size_t bytes) GC_API_ALLOC(1);

/** At a multiple of the page size, `bytes` rounded up to whole pages. */
GC_API void *mm_pvalloc(size_t bytes) __attribute__((malloc));

/** Bytes of `block` that may be used, at least what was asked for; 0 for NULL.
 *  Misuse is reported as by mm_free(). */
GC_API size_t mm_usable_size(const void *block);

/**
 * Give free memory back to the kernel at once.
 *
 *   keep_bytes  leave this much free memory in place
 *   returns     1 if anything was given back, else 0
 */
GC_API int mm_trim(size_t keep_bytes);

#ifdef __cplusplus
}
#endif
#endif
