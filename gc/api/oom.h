// oom.h -- when memory is refused: collect, ask the program, give up

#ifndef GLEANER_API_OOM_H
#define GLEANER_API_OOM_H

#include <gleaner/gc.h>
#include <stdbool.h>
#include <stddef.h>

// heap_hooks.memory_refused
bool oom_memory_refused(size_t bytes, unsigned attempt);

void oom_set_handler(gc_oom_handler handler, void *context);

#endif
