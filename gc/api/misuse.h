// misuse.h -- one line that says what is wrong with an address, then abort

#ifndef GLEANER_API_MISUSE_H
#define GLEANER_API_MISUSE_H

#include <stddef.h>

#include "heap/heap.h"

// `function` was given `address`, which heap_find() calls `fault`.
_Noreturn void misuse_report(const char *function, const void *address,
                             enum block_fault fault);

// A sized free of a block of `granted` bytes as one of `claimed`.
_Noreturn void misuse_report_size(const char *function, const void *address,
                                  size_t granted, size_t claimed);

#endif
