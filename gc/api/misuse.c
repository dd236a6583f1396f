// misuse.c -- see misuse.h

#include "api/misuse.h"

#include <string.h>

#include "base/format.h"
#include "os/objects.h"
#include "os/range.h"
#include "os/thread.h"
#include "roots/threads.h"

static const char *foreign_place(uintptr_t address) {
  struct thread *self = threads_self();
  if (range_has(self ? self->stack : os_thread_stack(), address))
    return "an address on this thread's stack";
  switch (os_objects_place_of(address)) {
  case OBJECT_CODE:
    return "an address in a program's code";
  case OBJECT_DATA:
    return "an address in a program's static data";
  case OBJECT_NONE:
    break;
  }
  return "memory of another allocator, or no memory at all";
}

static const char *regime_name(const struct page *page) {
  return kind_is_manual(page->kind) ? "manual" : "automatic";
}

static const char *regime_free(const struct page *page) {
  return kind_is_manual(page->kind) ? "mm_free" : "gc_free";
}

// Sizes are asked for, and blocks resized, by a wrong address too.
static bool is_free(const char *function) {
  return strstr(function, "_free") != NULL;
}

static const char *invalid(const char *function) {
  return is_free(function) ? "invalid free" : "invalid address";
}

void misuse_report(const char *function, const void *address,
                   enum block_fault fault) {
  struct page *page = space_page_of((uintptr_t)address);
  unsigned long bytes = page ? (unsigned long)page->block_bytes : 0;
  switch (fault) {
  case BLOCK_FREE:
    panic("%s(%p): %s: this %lu-byte block was freed%s already", function,
          (void *)address, is_free(function) ? "double free" : "use after free",
          bytes, page && kind_is_swept(page->kind) ? " or collected" : "");
  case BLOCK_INTERIOR: {
    struct block block = page_block_of(page, (uintptr_t)address);
    uintptr_t start = page_block_address(page, block.index);
    panic("%s(%p): %s: %lu bytes inside the %lu-byte block at %p", function,
          (void *)address, invalid(function),
          (unsigned long)((uintptr_t)address - start), bytes, (void *)start);
  }
  case BLOCK_OTHER_REGIME:
    panic("%s(%p): wrong regime: this %lu-byte block is of the %s regime and "
          "belongs to %s",
          function, (void *)address, bytes, regime_name(page),
          regime_free(page));
  case BLOCK_NO_PAGE:
    panic("%s(%p): %s: no block of any size is here now", function,
          (void *)address,
          is_free(function) ? "invalid or double free"
                            : "invalid address or use after free");
  case BLOCK_PAST_LAST:
    panic("%s(%p): %s: behind the last block of a page of %lu-byte blocks",
          function, (void *)address, invalid(function), bytes);
  default:
    panic("%s(%p): %s: not a block of this library of any size, but %s",
          function, (void *)address, invalid(function),
          foreign_place((uintptr_t)address));
  }
}

void misuse_report_size(const char *function, const void *address,
                        size_t granted, size_t claimed) {
  panic("%s(%p): wrong size: this %lu-byte block cannot have been asked for as "
        "%lu bytes",
        function, (void *)address, (unsigned long)granted,
        (unsigned long)claimed);
}
