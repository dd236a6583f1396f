// clock.h -- monotonic time in nanoseconds; any thread, any signal handler

#ifndef GLEANER_OS_CLOCK_H
#define GLEANER_OS_CLOCK_H

#include <stdint.h>

uint64_t os_clock_ns(void);

// Cheaper, and up to four milliseconds behind.
uint64_t os_clock_coarse_ms(void);

#endif
