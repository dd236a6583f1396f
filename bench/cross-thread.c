// cross-thread.c -- one thread allocates, another frees
//
//     PROGRAM cross-thread [SIZE [OPS]]   default 64 bytes, 0 is mixed
//
// The producer allocates blocks, writes the first word of each, and hands them
// over in batches of 1000 through a ring; the consumer reads that word and
// frees the block.  Both sleep, rather than spin, when the ring is full or
// empty, so that CPU time counts the work and not the waiting.  No block is
// ever freed by the thread that allocated it: a cache that keeps what it
// frees grows in the consumer and starves in the producer.
//
// Source: the pattern of "xmalloc-test" (Lever and Boreham, "malloc()
// Performance in a Multithreaded Linux Environment", USENIX 2000).

#include <pthread.h>

#include "regime.h"
#include "workload.h"

enum { BATCH = 1000, RING = 32 };

// Batches [taken, made) of the ring are full; both only grow.
static struct {
  pthread_mutex_t lock;       // guards made and taken
  pthread_cond_t more, less;  // `made` grew; half of the ring is empty
  uint64_t made, taken;
  uint64_t *blocks[RING][BATCH];
} ring = { .lock = PTHREAD_MUTEX_INITIALIZER,
           .more = PTHREAD_COND_INITIALIZER,
           .less = PTHREAD_COND_INITIALIZER };

struct job {
  size_t bytes;  // of each block, 0: mixed
  uint64_t batches;
  uint64_t sum;  // consumer's: of the words read
};

static uint64_t **ring_wait_empty_batch(uint64_t batch) {
  pthread_mutex_lock(&ring.lock);
  if (batch - ring.taken == RING)  // then sleep for a while, not for one batch
    while (batch - ring.taken > RING / 2)
      pthread_cond_wait(&ring.less, &ring.lock);
  pthread_mutex_unlock(&ring.lock);
  return ring.blocks[batch % RING];
}

static void ring_publish_batch(void) {
  pthread_mutex_lock(&ring.lock);
  ring.made++;
  pthread_cond_signal(&ring.more);
  pthread_mutex_unlock(&ring.lock);
}

static uint64_t **ring_wait_full_batch(uint64_t batch) {
  pthread_mutex_lock(&ring.lock);
  while (ring.made == batch)
    pthread_cond_wait(&ring.more, &ring.lock);
  pthread_mutex_unlock(&ring.lock);
  return ring.blocks[batch % RING];
}

static void ring_release_batch(void) {
  pthread_mutex_lock(&ring.lock);
  ring.taken++;
  if (ring.made - ring.taken <= RING / 2)
    pthread_cond_signal(&ring.less);
  pthread_mutex_unlock(&ring.lock);
}

static void *consumer(void *argument) {
  struct job *job = argument;
  for (uint64_t batch = 0; batch < job->batches; batch++) {
    uint64_t **blocks = ring_wait_full_batch(batch);
    for (size_t i = 0; i < BATCH; i++) {
      job->sum += *blocks[i];
      mem_free(blocks[i]);
    }
    ring_release_batch();
  }
  return NULL;
}

static void produce(const struct job *job) {
  uint64_t rng = 88172645463325252u;
  for (uint64_t batch = 0; batch < job->batches; batch++) {
    uint64_t **blocks = ring_wait_empty_batch(batch);
    for (size_t i = 0; i < BATCH; i++) {
      blocks[i] = must(mem_alloc(size_or_mixed(job->bytes, &rng)));
      *blocks[i] = i;
    }
    ring_publish_batch();
  }
}

int run_cross_thread(int argc, char **argv) {
  struct job job = { .bytes = argument_number(argc, argv, 0, 64),
                     .batches =
                       argument_number(argc, argv, 1, 5000000) / BATCH };
  pthread_t thread;
  if (!MEM_FREES)
    fail("cross-thread is about free: no collectors");
  if (job.bytes && job.bytes < sizeof(uint64_t))
    fail("cross-thread: a size of 8 or more, or 0 for mixed");
  struct stopwatch start = stopwatch_start();
  if (pthread_create(&thread, NULL, consumer, &job))
    fail("cannot start a thread");
  produce(&job);
  pthread_join(thread, NULL);
  report(&(struct result){ .workload = "cross-thread",
                           .time = stopwatch_stop(start),
                           .ops = job.batches * BATCH,
                           .check = job.sum });
  return 0;
}
