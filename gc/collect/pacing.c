// pacing.c -- see pacing.h

#include "collect/pacing.h"

#include <errno.h>

#include "base/options.h"
#include "heap/heap.h"

static uint64_t last_live_bytes;

static void set_trigger(void) {
  uint64_t wanted = last_live_bytes / 100 * options.growth_percent;
  if (wanted < options.floor_bytes)
    wanted = options.floor_bytes;
  atomic_store(&heap_trigger_bytes, (AO_t)wanted);
}

void pacing_update(uint64_t live_bytes) {
  last_live_bytes = live_bytes;
  set_trigger();
}

int pacing_set_growth(unsigned percent) {
  if (percent < 1 || percent > 10000)
    return -EINVAL;
  options.growth_percent = percent;
  set_trigger();
  return 0;
}
