// pacing.h -- when the next collection starts
//
// When automatic allocation since the last collection reaches
//
//     live <= 64 MiB     2 x live, and at least a floor
//     live >  64 MiB     2 x sqrt(live x 64 MiB)
//
// where `live` is what that collection left alive.  Small heaps are cheap to let
// grow; of a large one half a copy is much memory, and the time of collections
// rises more slowly than the memory falls.  A program that sets its own growth
// (gc_set_growth, option growth) gets that share of `live`, whatever the size.
//
// Source: M. Kirisame, P. Shenoy, P. Panchekha, "Optimal Heap Limits for Reducing
// Browser Memory Use", OOPSLA 2022 (the square root); we take the rates of
// allocation and marking as constant.
//
// pacing_update(): the collecting thread.  Setters: any thread.

#ifndef GLEANER_COLLECT_PACING_H
#define GLEANER_COLLECT_PACING_H

#include <stdint.h>

// After a collection that left `live_bytes`.
void pacing_update(uint64_t live_bytes);

// 0 or -EINVAL.
int pacing_set_growth(unsigned percent);

#endif
