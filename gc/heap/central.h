// central.h -- pages that belong to no thread, and frees from afar
//
// Sweepable pages: automatic pages with room, or that the last trace left to be
// swept, by kind and class.  Orphans: manual pages whose thread ended; they
// are owned by a cache that nobody allocates from, and adopted by whoever needs
// their class.
//
// A block freed by a thread that does not own its page is a bit in the page's
// remote words.  The first such bit puts the page on its owner's stack of remote
// pages (a Treiber stack, emptied as a whole: no ABA); the owner folds them in
// when it next looks for room.  An owner that went meanwhile leaves such pages
// on the stack of its recycled cache, which central_forward_strays() empties
// before anybody asks the space for a new page.
//
// LOCK_HEAP is held, unless said otherwise.

#ifndef GLEANER_HEAP_CENTRAL_H
#define GLEANER_HEAP_CENTRAL_H

#include "heap/cache.h"
#include "heap/page.h"

extern struct cache orphans;
extern struct cache *all_caches;  // linked by `next`; never freed

// A page with room for `kind` and `class`, or NULL; it has no owner yet.
struct page *central_take_sweepable(unsigned kind, unsigned class);
void central_list_sweepable(struct page *page);
void central_forget_sweepable(void);
const struct page *central_first_sweepable(unsigned kind, unsigned class);

struct page *central_take_orphan(unsigned kind, unsigned class);
void central_add_orphan(struct page *page);

void central_forward_strays(void);

// P3, from any thread, without a lock; false if the block was freed already.
bool remote_free(struct page *page, uint64_t index);

// Puts `page` on its owner's stack, unless it is on one.  Without a lock.
void remote_queue(struct page *page);

// Empties a cache's stack, calling `visit` with each page.  Without a lock.
void remote_drain(struct cache *cache, void (*visit)(struct page *page));

// The doubly linked list of available pages at `head`.
void available_push(struct page **head, struct page *page);
void available_remove(struct page **head, struct page *page);

#endif
