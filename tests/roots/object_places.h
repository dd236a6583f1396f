// object_places.h -- what a library under test offers: places for a pointer
//
// The library calls nothing of Gleaner.  Built as OBJECT_NAME-tagged variants:
// linked at start, and opened later, with little and with much thread-local
// data.

#ifndef OBJECT_PLACES_H
#define OBJECT_PLACES_H

#include <stdint.h>

struct object_places {
  // Each stores ~hidden, or NULL for ~0.
  void (*set_data)(uintptr_t hidden);
  void (*set_bss)(uintptr_t hidden);
  void (*set_tls)(uintptr_t hidden);  // of the calling thread
  // Starts a thread that keeps the pointer on its stack; and ends it.
  void (*start_thread)(uintptr_t hidden);
  void (*end_thread)(void);
};

#ifdef OBJECT_LINKED
extern const struct object_places linked_places;
#endif

#endif
