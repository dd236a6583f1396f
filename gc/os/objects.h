// objects.h -- the loaded ELF objects: their writable data, and the lock that
// keeps the list still
//
// dl_iterate_phdr holds the loader's lock around its callback.  A collection
// runs *inside* that callback: a thread stopped while it holds the lock could
// otherwise never give it back to us.
//
// The collecting thread only.

#ifndef GLEANER_OS_OBJECTS_H
#define GLEANER_OS_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "os/range.h"

// Calls `body` while the loader's lock is held.  `body` may stop threads.
void os_objects_freeze(void (*body)(void *context), void *context);

// A child of fork() has the lock as it was: if another thread held it, for
// good. os_objects_prove_lock() looks for it in the loader's data, by what it
// holds inside and outside of a callback; os_objects_reset_lock() frees it in a
// child. What cannot be proved is left alone.
void os_objects_prove_lock(void);
void os_objects_reset_lock(void);

// Does the calling thread hold the loader's lock?  False where that cannot be told.
bool os_objects_lock_is_own(void);

// Calls `visit` for the writable data of every loaded object, less what is
// read-only after relocation and less this library itself when it is an object
// of its own.  Takes the loader's lock, which nests inside os_objects_freeze().
void os_objects_visit_data(range_visitor visit, void *context);

// Does `address` lie in a loaded object, and is it code there?
enum object_place { OBJECT_NONE, OBJECT_CODE, OBJECT_DATA };
enum object_place os_objects_place_of(uintptr_t address);

// The same for thread-local storage: module number and size of each object's
// block.
typedef void (*tls_module_visitor)(size_t module, size_t bytes, void *context);
void os_objects_visit_tls_modules(tls_module_visitor visit, void *context);

#endif
