// meta.h -- memory for the library's own tables
//
// Blocks of a few sizes (multiples of 64 bytes), bump-allocated from mappings
// apart from the heap and recycled by size; a mapping is never given back, so
// that a stale pointer to metadata reads old metadata and never faults.
//
// LOCK_HEAP is held, or the world stopped.  Never a root, never scanned.

#ifndef GLEANER_HEAP_META_H
#define GLEANER_HEAP_META_H

#include <stddef.h>

// What a block is for; it is recycled for nothing else (page.h, P6).
enum meta_pool { META_PAGES, META_TABLES, META_POOLS };

// Zeroed on first use; recycled, all but its first two words are as they were
// left.  64-byte aligned; NULL if the kernel refuses.
void *meta_allocate(enum meta_pool pool, size_t bytes);

// `bytes` as allocated.
void meta_free(enum meta_pool pool, void *block, size_t bytes);

// Bytes mapped so far.
size_t meta_bytes(void);

#endif
