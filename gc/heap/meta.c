// meta.c -- see meta.h

#include "heap/meta.h"

#include <stdint.h>

#include "base/bits.h"
#include "base/settings.h"
#include "os/memory.h"

#define UNIT_BYTES 64
#define BINS 64                     // sizes up to 4 KiB are recycled by unit
#define CHUNK_BYTES (256 * KIB)

struct free_block {
  struct free_block *next;
  size_t bytes;
};

static struct {
  struct free_block *bins[META_POOLS][BINS + 1];  // the last: larger ones
  uintptr_t at, end;                              // of the mapping being cut
  size_t mapped_bytes;
} meta;

static size_t bin_of(size_t bytes) {
  size_t units = bytes / UNIT_BYTES;
  return units <= BINS ? units - 1 : BINS;
}

static void *take_recycled(enum meta_pool pool, size_t bytes) {
  struct free_block **link = &meta.bins[pool][bin_of(bytes)];
  for (; *link; link = &(*link)->next)
    if ((*link)->bytes == bytes) {
      struct free_block *block = *link;
      *link = block->next;
      return block;
    }
  return NULL;
}

static int map_chunk(size_t bytes) {
  size_t size = bytes > CHUNK_BYTES ? round_up(bytes, os_page_bytes())
                                    : CHUNK_BYTES;
  void *chunk = os_memory_map(size);
  if (!chunk)
    return -1;
  meta.at = (uintptr_t)chunk;
  meta.end = meta.at + size;
  meta.mapped_bytes += size;
  return 0;
}

void *meta_allocate(enum meta_pool pool, size_t bytes) {
  bytes = round_up(bytes, UNIT_BYTES);
  void *block = take_recycled(pool, bytes);
  if (block)
    return block;
  if (meta.end - meta.at < bytes && map_chunk(bytes))
    return NULL;
  block = (void *)meta.at;
  meta.at += bytes;
  return block;
}

void meta_free(enum meta_pool pool, void *block, size_t bytes) {
  bytes = round_up(bytes, UNIT_BYTES);
  struct free_block *free_block = block;
  struct free_block **bin = &meta.bins[pool][bin_of(bytes)];
  *free_block = (struct free_block){ *bin, bytes };
  *bin = free_block;
}

size_t meta_bytes(void) { return meta.mapped_bytes; }
