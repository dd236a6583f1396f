// memory.c -- mmap and its relatives; see memory.h

#include "os/memory.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/options.h"

#ifndef MAP_FIXED_NOREPLACE
#  define MAP_FIXED_NOREPLACE 0x100000
#endif

static volatile atomic_word requests;

// Counts a request; true when this is the one that shall fail.
static bool request_fails(void) {
  AO_t number = atomic_add(&requests, 1) + 1;
  return number == (AO_t)options.fail;
}

static void *map(uintptr_t at, size_t bytes, int protection, int flags) {
  if (request_fails())
    return NULL;
  int saved = errno;
  void *result = mmap((void *)at, bytes, protection,
                      MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  errno = saved;
  return result == MAP_FAILED ? NULL : result;
}

size_t os_page_bytes(void) {
  static size_t bytes;
  if (bytes == 0)
    bytes = (size_t)sysconf(_SC_PAGESIZE);
  return bytes;
}

void *os_memory_reserve(uintptr_t hint, size_t bytes) {
  return map(hint, bytes, PROT_NONE, MAP_NORESERVE);
}

void *os_memory_map(size_t bytes) {
  return map(0, bytes, PROT_READ | PROT_WRITE, 0);
}

void *os_memory_map_at(uintptr_t at, size_t bytes) {
  void *result =
    map(at, bytes, PROT_READ | PROT_WRITE, MAP_FIXED_NOREPLACE);
  if (result && (uintptr_t)result != at) {  // a kernel before 4.17: a hint
    os_memory_unmap(result, bytes);
    return NULL;
  }
  return result;
}

int os_memory_commit(void *at, size_t bytes) {
  if (request_fails())
    return -ENOMEM;
  int saved = errno;
  int result = mprotect(at, bytes, PROT_READ | PROT_WRITE) ? -errno : 0;
  errno = saved;
  return result;
}

int os_memory_purge(void *at, size_t bytes) {
  if (request_fails())
    return -ENOMEM;
  int saved = errno;
  int result = madvise(at, bytes, MADV_DONTNEED) ? -errno : 0;
  errno = saved;
  return result;
}

void os_memory_want_huge(void *at, size_t bytes) {
  int saved = errno;
  madvise(at, bytes, MADV_HUGEPAGE);  // a wish: refused is as good
  errno = saved;
}

void os_memory_unmap(void *at, size_t bytes) {
  int saved = errno;
  munmap(at, bytes);
  errno = saved;
}

size_t os_memory_address_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY
      || limit.rlim_cur > SIZE_MAX)
    return SIZE_MAX;
  return (size_t)limit.rlim_cur;
}

uint64_t os_memory_requests(void) {
  return atomic_load_relaxed(&requests);
}
