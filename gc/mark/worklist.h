// worklist.h -- what is marked and not yet scanned
//
// A stack of (address, bytes) in packets of a few hundred entries, so that
// markers can hand each other work without an atomic on the path of one object.
// Packets come in chunks from the kernel, apart from the heap, and grow without
// a limit of ours.  When the kernel refuses, an entry is dropped and that is
// remembered: its block is marked, so that a look at all marked blocks finds what
// was missed (mark.c).
//
// The collecting thread, world stopped.

#ifndef GLEANER_MARK_WORKLIST_H
#define GLEANER_MARK_WORKLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/settings.h"

struct work {
  uintptr_t address;
  size_t bytes;
};

struct packet {
  struct packet *next;
  size_t count;
  struct work entries[MARK_PACKET_ENTRIES];
};

static_assert(sizeof(struct packet) == 8 * KIB || sizeof(void *) < 8,
              "a packet is 8 KiB");

struct worklist {
  struct packet *top;   // never NULL
  bool has_overflowed;  // entries were dropped
};

extern struct worklist worklist;

// Once: the first packet.  False if memory is refused.
bool worklist_init(void);

// Room for one more packet's worth; false if entries must be dropped.
bool worklist_grow(void);

// An empty packet is on top: drop it for the one below; false if there is none.
bool worklist_shrink(void);

// After a trace: gives back what a usual trace does not need.
void worklist_release(void);

size_t worklist_bytes(void);

// Where a loop stands in the worklist, in registers: its own packet, and how much
// of it is used.  One at a time; between begin and end nobody else pushes.
struct work_cursor {
  struct packet *top;
  size_t count;
};

ALWAYS_INLINE struct work_cursor work_begin(void) {
  return (struct work_cursor){ worklist.top, worklist.top->count };
}

ALWAYS_INLINE void work_end(const struct work_cursor *cursor) {
  cursor->top->count = cursor->count;
}

ALWAYS_INLINE void work_push(struct work_cursor *cursor, uintptr_t address,
                             size_t bytes) {
  if (UNLIKELY(cursor->count == MARK_PACKET_ENTRIES)) {
    work_end(cursor);
    if (!worklist_grow()) {
      worklist.has_overflowed = true;
      return;
    }
    *cursor = work_begin();
  }
  cursor->top->entries[cursor->count++] = (struct work){ address, bytes };
}

ALWAYS_INLINE bool work_pop(struct work_cursor *cursor, struct work *work) {
  if (UNLIKELY(cursor->count == 0)) {
    work_end(cursor);
    if (!worklist_shrink())
      return false;
    *cursor = work_begin();
  }
  *work = cursor->top->entries[--cursor->count];
  return true;
}

static inline void worklist_push(uintptr_t address, size_t bytes) {
  struct work_cursor cursor = work_begin();
  work_push(&cursor, address, bytes);
  work_end(&cursor);
}

static inline bool worklist_pop(struct work *work) {
  struct work_cursor cursor = work_begin();
  bool is_any = work_pop(&cursor, work);
  work_end(&cursor);
  return is_any;
}

#endif
