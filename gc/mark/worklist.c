// worklist.c -- packets and their chunks; see worklist.h

#include "mark/worklist.h"

#include "os/memory.h"

#define CHUNK_BYTES (256 * KIB)
#define CHUNK_PACKETS (CHUNK_BYTES / sizeof(struct packet) - 1)

struct chunk {
  struct chunk *next;
  char padding[sizeof(struct packet) - sizeof(struct chunk *)];
  struct packet packets[];
};

struct worklist worklist;

static struct {
  struct packet *spare;
  struct chunk *chunks;
  size_t bytes;
} pool;

bool worklist_init(void) {
  // Not in static data, which a static program scans for roots.
  worklist.top = os_memory_map(sizeof(struct packet));
  return worklist.top != NULL;
}

static bool add_chunk(void) {
  struct chunk *chunk = os_memory_map(CHUNK_BYTES);
  if (!chunk)
    return false;
  chunk->next = pool.chunks;
  pool.chunks = chunk;
  pool.bytes += CHUNK_BYTES;
  for (size_t i = 0; i < CHUNK_PACKETS; i++) {
    chunk->packets[i].next = pool.spare;
    pool.spare = &chunk->packets[i];
  }
  return true;
}

bool worklist_grow(void) {
  if (!pool.spare && !add_chunk())
    return false;
  struct packet *packet = pool.spare;
  pool.spare = packet->next;
  packet->next = worklist.top;
  packet->count = 0;
  worklist.top = packet;
  return true;
}

bool worklist_shrink(void) {
  struct packet *empty = worklist.top;
  if (!empty->next)
    return false;
  worklist.top = empty->next;
  empty->next = pool.spare;
  pool.spare = empty;
  return true;
}

void worklist_release(void) {
  pool.spare = NULL;
  while (pool.chunks) {
    struct chunk *chunk = pool.chunks;
    pool.chunks = chunk->next;
    os_memory_unmap(chunk, CHUNK_BYTES);
  }
  pool.bytes = 0;
}

size_t worklist_bytes(void) { return pool.bytes; }
