// verify.c -- see verify.h

#include "insight/verify.h"

#include "base/format.h"
#include "heap/heap.h"
#include "roots/roots.h"

void verify_heap(uintptr_t stack_pointer) { (void)stack_pointer; }
