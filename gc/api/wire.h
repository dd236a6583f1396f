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

#endif
