// lock.h -- the library's locks, and the one order they are taken in
//
// A lock is one 32-bit word and a futex: U. Drepper, "Futexes Are Tricky"
// (2011), mutex3.  Never recursive, never held across a call out of the
// library except where a rank below says so.
//
// A thread may be stopped by the collector anywhere, also while it waits for a
// lock, but never while it holds one that the collector needs: the collector
// takes them all, in rank order, before it stops anyone.

#ifndef GLEANER_BASE_LOCK_H
#define GLEANER_BASE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

// In the order of taking.  The loader's lock (dl_iterate_phdr) comes before all.
enum lock_rank {
  LOCK_COLLECT,  // one collection, fork or change of the collector at a time
  LOCK_THREADS,  // the thread registry; held while the world is stopped
  LOCK_ROOTS,    // user ranges and stacks
  LOCK_HEAP,     // central page lists, free runs, metadata
  LOCK_RANKS
};

struct lock {
  uint32_t word;  // 0 free, 1 held, 2 held and somebody may wait
  enum lock_rank rank;
};

#define LOCK_INIT(its_rank) { 0, its_rank }

void lock_take(struct lock *lock);
void lock_release(struct lock *lock);

// In the only thread of a forked child, whatever the word says.
void lock_reset(struct lock *lock);

// A gate: many may be inside, until somebody closes it and waits until all have
// left.  Inside, one may wait for locks; so closing comes before any lock.
struct gate {
  uint32_t word;  // how many are inside, and whether it is closed
};

void gate_enter(struct gate *gate);
void gate_leave(struct gate *gate);
void gate_close(struct gate *gate);
void gate_open(struct gate *gate);  // also resets it, in a forked child

// A wait on a word, for whoever needs more than a lock.  Both keep errno.
// futex_wait returns when *word is not `expected`, when woken, when a signal
// was handled, or after timeout_ns (0: no timeout).
void futex_wait(volatile uint32_t *word, uint32_t expected,
                uint64_t timeout_ns);
void futex_wake_all(volatile uint32_t *word);

#endif
