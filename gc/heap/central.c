// central.c -- see central.h

#include "heap/central.h"

#include "heap/space.h"

struct cache orphans;
struct cache *all_caches;

// Swept kinds by class, first in first out: address order after a trace.
struct page_queue {
  struct page *first, *last;
};
static struct page_queue sweepable[KIND_AUTO_ATOMIC + 1][SIZECLASS_COUNT];

// ---- Sweepable ----------------------------------------------------------------

struct page *central_take_sweepable(unsigned kind, unsigned class) {
  struct page_queue *queue = &sweepable[kind][class];
  struct page *page = queue->first;
  if (page) {
    queue->first = page->next;
    if (!queue->first)
      queue->last = NULL;
    page->next = NULL;
    page->state = PAGE_UNLISTED;
  }
  return page;
}

void central_list_sweepable(struct page *page) {
  struct page_queue *queue = &sweepable[page->kind][page->class];
  page->state = PAGE_SWEEPABLE;
  page->next = NULL;
  if (queue->last)
    queue->last->next = page;
  else
    queue->first = page;
  queue->last = page;
}

void central_forget_sweepable(void) {
  for (unsigned kind = 0; kind <= KIND_AUTO_ATOMIC; kind++)
    for (unsigned class = 0; class < SIZECLASS_COUNT; class++)
      sweepable[kind][class] = (struct page_queue){ NULL, NULL };
}

const struct page *central_first_sweepable(unsigned kind, unsigned class) {
  return sweepable[kind][class].first;
}

// ---- Lists of available pages ---------------------------------------------------

void available_push(struct page **head, struct page *page) {
  page->state = PAGE_AVAILABLE;
  page->previous = NULL;
  page->next = *head;
  if (*head)
    (*head)->previous = page;
  *head = page;
}

void available_remove(struct page **head, struct page *page) {
  if (page->previous)
    page->previous->next = page->next;
  else
    *head = page->next;
  if (page->next)
    page->next->previous = page->previous;
  page->next = page->previous = NULL;
}

// ---- Orphans --------------------------------------------------------------------

static struct page **orphan_list(const struct page *page) {
  return &orphans.slots[page->kind][page->class].available;
}

void central_add_orphan(struct page *page) {
  page->owner = &orphans;
  page->local = NULL;
  page->state = PAGE_FULL;
  page_fold_remote(page);
  size_t live = page_live_count(page);
  if (live == 0)
    space_page_destroy(page);
  else if (live < page->block_count)
    available_push(orphan_list(page), page);
}

// Frees from afar reached an orphan, or a page that was one a moment ago.
static void settle_stray(struct page *page) {
  if (page->owner != &orphans) {
    remote_queue(page);
    return;
  }
  if (page->state == PAGE_AVAILABLE)
    available_remove(orphan_list(page), page);
  central_add_orphan(page);
}

struct page *central_take_orphan(unsigned kind, unsigned class) {
  struct page **list = &orphans.slots[kind][class].available;
  struct page *page = *list;
  if (page) {
    available_remove(list, page);
    page->state = PAGE_UNLISTED;
  }
  return page;
}

void central_forward_strays(void) {
  remote_drain(&orphans, settle_stray);
  for (struct cache *cache = all_caches; cache; cache = cache->next)
    if (cache->is_recycled)
      remote_drain(cache, settle_stray);
}

// ---- Frees from afar --------------------------------------------------------------

void remote_queue(struct page *page) {
  struct cache *owner = page->owner;  // NULL: the page is gone (P6)
  if (!owner || atomic_load(&page->is_remote_queued)
      || atomic_exchange(&page->is_remote_queued, 1))
    return;
  AO_t top;
  do {
    top = atomic_load_relaxed(&owner->remote_pages);
    page->remote_next = (struct page *)top;
  } while (!atomic_swap_if(&owner->remote_pages, top, (AO_t)page));
}

bool remote_free(struct page *page, uint64_t index) {
  AO_t bit = (AO_t)1 << index % REMOTE_BITS;
  if (atomic_or(&page_remote(page)[index / REMOTE_BITS], bit) & bit)
    return false;
  if (!kind_is_swept(page->kind)) {
    if (page->local)
      page->local = NULL;  // P7
    remote_queue(page);
  }
  return true;
}

void remote_drain(struct cache *cache, void (*visit)(struct page *page)) {
  if (!atomic_load_relaxed(&cache->remote_pages))
    return;
  struct page *page =
    (struct page *)atomic_exchange(&cache->remote_pages, 0);
  while (page) {
    struct page *next = page->remote_next;
    // First the flag, then the bits: a free that comes in between queues again.
    atomic_store(&page->is_remote_queued, 0);
    atomic_fence();
    visit(page);
    page = next;
  }
}
