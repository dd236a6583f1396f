// allocate.h -- what the two regimes' allocators share
//
// Budget of the fast path: slot table, slot, one word of bits; 24 instructions
// for a block, 32 to free it (doc/design/api.md).

#ifndef GLEANER_API_ALLOCATE_H
#define GLEANER_API_ALLOCATE_H

#include <errno.h>
#include <string.h>

#include "api/misuse.h"
#include "base/attributes.h"
#include "heap/heap.h"

typedef uint64_t clear_unit __attribute__((vector_size(16), may_alias));

// `bytes` is a multiple of 16, as every block's size is.  From both ends, so that
// 16 and 32 bytes take the same two stores and 48 and 64 the same four.
ALWAYS_INLINE void *clear_block(void *block, size_t bytes) {
  clear_unit *first = block, *last = first + bytes / sizeof *first - 1;
  const clear_unit zero = { 0, 0 };
  *first = zero;
  *last = zero;
  if (bytes > 2 * sizeof zero) {
    first[1] = zero;
    last[-1] = zero;
    if (UNLIKELY(bytes > 4 * sizeof zero))
      return memset(block, 0, bytes);
  }
  return block;
}

static inline void *no_memory(void) {
  errno = ENOMEM;
  return NULL;
}

// The usual case is inlined in the callers; these are the others: the slot's next
// cell, and all the rest.
void *allocate_next(struct slot *slot, unsigned kind, size_t bytes);
void *allocate_cleared_next(struct slot *slot, unsigned kind, size_t bytes);
void *allocate_slowly(unsigned kind, size_t bytes);
void *allocate_cleared_slowly(unsigned kind, size_t bytes);
void *allocate_aligned(unsigned kind, size_t alignment, size_t bytes);

// Any size, zeroed to the end of the block.
ALWAYS_INLINE void *allocate_cleared(unsigned kind, size_t bytes) {
  if (LIKELY(bytes <= TINY_MAX_BYTES)) {
    struct slot *slot = tiny_slot(kind, bytes);
    if (LIKELY(slot->mask != 0))
      return clear_block(slot_take(slot), slot->block_bytes);
    return allocate_cleared_next(slot, kind, bytes);
  }
  return allocate_cleared_slowly(kind, bytes);
}

// Any size, contents unspecified.
ALWAYS_INLINE void *allocate(unsigned kind, size_t bytes) {
  if (LIKELY(bytes <= TINY_MAX_BYTES)) {
    struct slot *slot = tiny_slot(kind, bytes);
    if (LIKELY(slot->mask != 0))
      return slot_take(slot);
    return allocate_next(slot, kind, bytes);
  }
  return allocate_slowly(kind, bytes);
}

// realloc of either regime; `function` is its name, for reports.
void *allocate_again(const char *function, bool is_manual, void *block,
                     size_t bytes);

// The page of a block of the regime; misuse is reported in `function`'s name.
struct page *page_of_block(const char *function, bool is_manual,
                           const void *block);

// The program may use all of a manual block: it asked how large it is.
void allocate_show_whole(void *block, size_t usable_bytes);

void free_slowly(const char *function, bool is_manual, void *block);

char *copy_text(unsigned kind, const char *text, size_t length);

#endif
