// wire.h -- start-up: the floors initialised in order, their hooks connected
//
// There is no init call.  Every thread begins with a cache that is full
// throughout, so its first allocation takes the slow door, which comes here; and
// so does every public function that is not an allocation.

#ifndef GLEANER_API_WIRE_H
#define GLEANER_API_WIRE_H

#include <stdbool.h>

// The library is ready; false if the kernel refused its first memory.
bool wire_ensure(void);

// The library is ready and the calling thread attached; false as above.
bool wire_ensure_attached(void);

// Around a fork: no other thread is in the middle of the start, or begins it.  The
// result is for wire_unhold().
bool wire_hold(void);
void wire_unhold(bool is_held);

#endif
