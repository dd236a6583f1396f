// ranges.h -- what the program told us: ranges to scan, ranges to leave out,
// stacks of its own making
//
// Sorted by nothing and searched in order: there are few, and each is looked at
// once a collection.
//
// LOCK_ROOTS guards all of it; a stopped world holds it.

#ifndef GLEANER_ROOTS_RANGES_H
#define GLEANER_ROOTS_RANGES_H

#include <stdbool.h>

#include "base/lock.h"
#include "os/range.h"

extern struct lock ranges_lock;

// 0 or a negative errno value; each takes LOCK_ROOTS.
int ranges_add(struct range range);
int ranges_remove(struct range range);
int ranges_exclude(struct range range);
int ranges_include(struct range range);

int ranges_add_stack(struct range stack);
int ranges_remove_stack(uintptr_t low);

// The same for what we found ourselves.  Nobody tells us when such memory was
// given back: a new one takes the place of all it overlaps.
int ranges_add_guess(struct range stack);
void ranges_remove_guess(uintptr_t low);

// LOCK_ROOTS held.
void ranges_visit_roots(range_visitor visit, void *context);
void ranges_visit_stacks(range_visitor visit, void *context);

// `range` less what is excluded.
void ranges_visit_included(struct range range, range_visitor visit,
                           void *context);

// The registered stack `address` lies in; empty if none.
struct range ranges_stack_of(uintptr_t address);

#endif
