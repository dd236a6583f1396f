# The library's sources, floor by floor.

libgleaner_sources = \
  gc/base/atomic.h gc/base/attributes.h gc/base/bits.h \
  gc/base/format.c gc/base/format.h gc/base/lock.c gc/base/lock.h \
  gc/base/observer.c gc/base/observer.h \
  gc/base/options.c gc/base/options.h gc/base/settings.h \
  gc/os/clock.c gc/os/clock.h gc/os/memory.c gc/os/memory.h \
  gc/os/objects.c gc/os/objects.h gc/os/process.c gc/os/process.h \
  gc/os/range.h gc/os/suspend.c gc/os/suspend.h gc/os/thread.c \
  gc/os/thread.h gc/os/tls.c gc/os/tls.h \
  gc/heap/cache.c gc/heap/cache.h gc/heap/central.c gc/heap/central.h \
  gc/heap/heap.c gc/heap/heap.h gc/heap/meta.c gc/heap/meta.h \
  gc/heap/page.c gc/heap/page.h gc/heap/sizeclass.h gc/heap/space.c \
  gc/heap/space.h gc/heap/tiny_slot.c \
  gc/roots/ranges.c gc/roots/ranges.h gc/roots/roots.c gc/roots/roots.h \
  gc/roots/threads.c gc/roots/threads.h \
  gc/mark/mark.c gc/mark/mark.h gc/mark/worklist.c gc/mark/worklist.h \
  gc/collect/cycle.c gc/collect/cycle.h gc/collect/pacing.c \
  gc/collect/pacing.h \
  gc/api/allocate.c gc/api/allocate.h gc/api/fork.c gc/api/fork.h \
  gc/api/gc.c gc/api/misuse.c gc/api/misuse.h gc/api/mm.c gc/api/oom.c \
  gc/api/oom.h gc/api/stats.c gc/api/wire.c gc/api/wire.h \
  gc/insight/verify.c gc/insight/verify.h

# Interposed functions of other libraries: in the shared library alone.
libgleaner_shared_only_sources = gc/api/interpose.c
