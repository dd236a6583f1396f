// fork.h -- a child with one thread and a consistent heap
//
// Before the fork all locks are taken, so that no list is half linked; the
// child then has the heap as it was, less the threads.  The other threads' caches
// were at arbitrary instructions: their pages are reclaimed without trusting the
// links those threads alone maintain.

#ifndef GLEANER_API_FORK_H
#define GLEANER_API_FORK_H

void fork_init(void);

#endif
