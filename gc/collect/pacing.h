// pacing.h -- when the next collection starts
//
// When automatic allocation since the last collection reaches a share of what
// that one left alive (growth, in per cent), and at least a floor.  The bytes a
// program allocates per byte the collector marks are then constant, whatever the
// size of the heap.
//
// Source: the proportional rule of most collectors (Go's GOGC).
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
