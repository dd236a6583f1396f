// pacing.c -- see pacing.h

#include "collect/pacing.h"

#include <errno.h>

#include "base/options.h"
#include "base/settings.h"
#include "heap/heap.h"

static uint64_t last_live_bytes;

// Largest n with n * n <= square.
static uint64_t square_root(uint64_t square) {
  uint64_t root = 0;
  for (uint64_t bit = (uint64_t)1 << 31; bit; bit >>= 1)
    if ((root | bit) * (root | bit) <= square)
      root |= bit;
  return root;
}

static uint64_t growth_bytes(uint64_t live) {
  if (options.growth_percent)
    return live / 100 * options.growth_percent;
  uint64_t base = live;
  if (live > PACING_PROPORTIONAL_BYTES)  // in KiB: the product has 64 bits
    base = square_root(live / KIB * (PACING_PROPORTIONAL_BYTES / KIB)) * KIB;
  return base / 100 * PACING_GROWTH_PERCENT;
}

static void set_trigger(void) {
  uint64_t wanted = growth_bytes(last_live_bytes);
  if (wanted < options.floor_bytes)
    wanted = options.floor_bytes;
  atomic_store(&heap_trigger_bytes, (AO_t)wanted);
}

void pacing_update(uint64_t live_bytes) {
  last_live_bytes = live_bytes;
  set_trigger();
}

int pacing_set_growth(unsigned percent) {
  if (percent > 10000)
    return -EINVAL;
  options.growth_percent = percent;
  set_trigger();
  return 0;
}
