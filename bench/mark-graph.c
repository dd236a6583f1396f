// mark-graph.c -- how long one full collection of a large live heap takes
//
//     PROGRAM mark-graph [MIB [LINKS]]    default 1024 MiB, 2 links
//
// The heap is filled with 64-byte objects, collections forbidden, and linked
// at random: one random cycle goes through all of them, so that all are
// reachable; LINKS - 1 more words of each point at objects chosen uniformly.
// Hardly any link leads to a line in the cache.  The other words hold small
// integers.  The tables used for linking are unmapped, a single static pointer
// stays, and one forced collection is timed.  (A second one takes the same
// time, so a mark stack that has to grow first is not what is measured.)
//
// The order has to be random, or the collector walks memory in the order of
// allocation and the prefetcher of the processor does the work.

#include <assert.h>
#include <sys/mman.h>

#include "regime.h"
#include "workload.h"

enum { OBJECT_WORDS = 8, LINKS_MAX = 7, WALK = 1000000 };

struct object {
  union {
    struct object *link;
    uint64_t number;
  } word[OBJECT_WORDS];
};

static_assert(sizeof(struct object) == 64, "the workload's object size");

static struct object *volatile graph;  // the only root

static void *map_table(size_t bytes) {
  void *table = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (table == MAP_FAILED)
    fail("out of memory");
  return table;
}

// next[i] becomes a random permutation of one cycle (S. Sattolo, "An algorithm
// to generate a random cyclic permutation", 1986).
static void make_cycle(uint32_t *next, uint32_t count, uint64_t *rng) {
  for (uint32_t i = 0; i < count; i++)
    next[i] = i;
  for (uint32_t i = count; i-- > 1;) {
    uint32_t j = random_below(rng, i), swap = next[i];
    next[i] = next[j];
    next[j] = swap;
  }
}

static void link_object(struct object *object, struct object **table,
                        uint32_t count, unsigned links, uint64_t *rng) {
  for (unsigned i = 1; i < links; i++)
    object->word[i].link = table[random_below(rng, count)];
  for (unsigned i = links; i < OBJECT_WORDS; i++)
    object->word[i].number = i;
}

static void build(uint32_t count, unsigned links) {
  uint64_t rng = 88172645463325252u;
  struct object **table = map_table(count * sizeof *table);
  uint32_t *next = map_table(count * sizeof *next);
  make_cycle(next, count, &rng);
  mem_collections(false);
  for (uint32_t i = 0; i < count; i++)
    table[i] = must(mem_alloc(sizeof *table[i]));
  for (uint32_t i = 0; i < count; i++) {
    table[i]->word[0].link = table[next[i]];
    link_object(table[i], table, count, links, &rng);
  }
  graph = table[0];
  mem_collections(true);
  munmap(table, count * sizeof *table);
  munmap(next, count * sizeof *next);
}

// Follow the cycle for a while: what was linked must still be there.
static uint64_t walk(uint64_t steps, unsigned links) {
  struct object *object = graph;
  for (uint64_t i = 0; i < steps; i++, object = object->word[0].link)
    if (object->word[links].number != links)
      fail("an object was lost");
  return steps;
}

int run_mark_graph(int argc, char **argv) {
  uint64_t bytes = argument_number(argc, argv, 0, 1024) << 20;
  uint64_t links = argument_number(argc, argv, 1, 2);
  uint64_t count = bytes / sizeof(struct object);
  if (MEM_FREES)
    fail("mark-graph needs a collector");
  if (count < 1 || count > UINT32_MAX || links < 1 || links > LINKS_MAX)
    fail("mark-graph: 1 to 262143 MiB, 1 to 7 links");
  build((uint32_t)count, (unsigned)links);
  struct stopwatch start = stopwatch_start();
  mem_collect();
  struct stopwatch time = stopwatch_stop(start);
  report(&(struct result){
    .workload = "mark-graph",
    .time = time,
    .ops = count,
    .bytes = bytes,
    .check = walk(count < WALK ? count : WALK, (unsigned)links) });
  return 0;
}
