// tls.c -- see tls.h

#include "os/tls.h"

#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "os/objects.h"
#include "os/process.h"

// An entry of the vector: the block, and what to free.
struct dtv_entry {
  union {
    size_t counter;  // of entry -1: how many follow; of entry 0: a generation
    void *block;     // or DTV_UNALLOCATED
  };
  void *to_free;
};

#define DTV_UNALLOCATED ((void *)-1)

// pthread_setspecific: {sequence, value} pairs, in blocks of 32.
#define KEYS_PER_BLOCK 32
#define KEY_BLOCKS 32
#define KEY_BLOCK_BYTES (KEYS_PER_BLOCK * 2 * sizeof(void *))

// How far from the thread pointer struct pthread is searched.
#define SEARCH_BYTES 2048

static struct {
  bool dtv_is_known;
  bool specific_is_known;
  ptrdiff_t specific_offset;  // from the thread pointer to the second table
} layout;

#if defined __x86_64__ || defined __i386__
// Variant II: the header lies at the thread pointer, the dtv second in it,
// struct pthread from it upward.
#  define DTV_SLOT 1
#  define SEARCH_FROM 0
#elif defined __aarch64__
// Variant I: the header is {dtv, private}, struct pthread ends where it starts.
#  define DTV_SLOT 0
#  define SEARCH_FROM (-SEARCH_BYTES)
#else
#  error "os/tls.c: say where this architecture keeps its dtv"
#endif

uintptr_t os_tls_thread_pointer(void) {
#if defined __x86_64__
  uintptr_t self;
  __asm__("mov %%fs:0, %0" : "=r"(self));
  return self;
#elif defined __i386__
  uintptr_t self;
  __asm__("mov %%gs:0, %0" : "=r"(self));
  return self;
#else
  return (uintptr_t)__builtin_thread_pointer();
#endif
}

static struct dtv_entry *dtv_of(uintptr_t thread_pointer) {
  return ((struct dtv_entry **)thread_pointer)[DTV_SLOT];
}

static void *tls_block(uintptr_t thread_pointer, size_t module) {
  struct dtv_entry *dtv = dtv_of(thread_pointer);
  if (!dtv || dtv[-1].counter < module)
    return NULL;
  void *block = dtv[module].block;
  return block == DTV_UNALLOCATED ? NULL : block;
}

// ---- Proving the layouts ----------------------------------------------------

struct dtv_proof {
  uintptr_t thread_pointer;
  bool agrees;
};

static int compare_module(struct dl_phdr_info *info, size_t size,
                          void *context) {
  struct dtv_proof *proof = context;
  if (size < sizeof *info || info->dlpi_tls_modid == 0 || !info->dlpi_tls_data)
    return 0;
  proof->agrees =
    tls_block(proof->thread_pointer, info->dlpi_tls_modid)
    == info->dlpi_tls_data;
  return !proof->agrees;
}

// Does the second table lie at `table`?  Its first entry points to the block of
// 32 right before it, and the one for `key` to a block that holds its value.
static bool is_specific_table(uintptr_t table, unsigned key,
                              const void *value) {
  uintptr_t in_place = table - KEY_BLOCK_BYTES;
  const uintptr_t *blocks = (const uintptr_t *)table;
  if (blocks[0] != in_place || !blocks[key / KEYS_PER_BLOCK])
    return false;
  void **block = (void **)blocks[key / KEYS_PER_BLOCK];
  return block[2 * (key % KEYS_PER_BLOCK) + 1] == value;
}

static bool find_specific(uintptr_t thread_pointer, unsigned key,
                          ptrdiff_t *offset) {
  if (key >= KEYS_PER_BLOCK * KEY_BLOCKS)
    return false;
  void *value = pthread_getspecific(key);
  if (!value)
    return false;
  ptrdiff_t end = SEARCH_FROM + SEARCH_BYTES;
  for (ptrdiff_t at = SEARCH_FROM + (ptrdiff_t)KEY_BLOCK_BYTES; at < end;
       at += (ptrdiff_t)sizeof(void *))
    if (is_specific_table(thread_pointer + (uintptr_t)at, key, value)) {
      *offset = at;
      return true;
    }
  return false;
}

void os_tls_init(unsigned key) {
  uintptr_t self = os_tls_thread_pointer();
  struct dtv_proof proof = { self, true };
  dl_iterate_phdr(compare_module, &proof);
  layout.dtv_is_known = proof.agrees;
  layout.specific_is_known =
    find_specific(self, key, &layout.specific_offset);
}

bool os_tls_is_known(void) { return layout.dtv_is_known; }
bool os_tls_specific_is_known(void) { return layout.specific_is_known; }

// ---- Visiting ---------------------------------------------------------------

struct block_visit {
  uintptr_t thread_pointer;
  range_visitor visit;
  void *context;
};

// An entry may be older than the module: that of a closed one stays until its
// thread next uses such storage, the number may be another, larger module's by
// now, and a thread may have been stopped right after it freed the block and
// before it said so.  Hence the block is asked how long it is, not the module,
// and nothing is read that cannot be.
static struct range block_range(const struct dtv_entry *entry,
                                uintptr_t thread_pointer, size_t bytes) {
  uintptr_t low = (uintptr_t)entry->block, end = low + bytes;
  uintptr_t allocated = (uintptr_t)entry->to_free;
  if (allocated && !os_process_can_read(allocated - 2 * sizeof(size_t)))
    return (struct range){ 0, 0 };
  uintptr_t limit = UINTPTR_MAX;
  if (allocated)
    limit = allocated + malloc_usable_size(entry->to_free);
  else if (low < thread_pointer)
    limit = thread_pointer;  // static storage lies right below
  return (struct range){ low, end < limit ? end : limit };
}

static void visit_module(size_t module, size_t bytes, void *context) {
  struct block_visit *blocks = context;
  if (!tls_block(blocks->thread_pointer, module))
    return;
  const struct dtv_entry *entry = &dtv_of(blocks->thread_pointer)[module];
  struct range block = block_range(entry, blocks->thread_pointer, bytes);
  if (entry->to_free)
    os_process_visit_readable(block, blocks->visit, blocks->context);
  else if (!range_is_empty(block))
    blocks->visit(block, blocks->context);
}

static void visit_specific(uintptr_t thread_pointer, range_visitor visit,
                           void *context) {
  uintptr_t *table =
    (uintptr_t *)(thread_pointer + (uintptr_t)layout.specific_offset);
  uintptr_t in_place = (uintptr_t)table - KEY_BLOCK_BYTES;
  visit((struct range){ in_place, (uintptr_t)table }, context);
  for (size_t i = 1; i < KEY_BLOCKS; i++)
    if (table[i])
      visit((struct range){ table[i], table[i] + KEY_BLOCK_BYTES }, context);
}

void os_tls_visit(uintptr_t thread_pointer, range_visitor visit,
                  void *context) {
  if (!thread_pointer)
    return;
  struct block_visit blocks = { thread_pointer, visit, context };
  if (layout.dtv_is_known
      && os_process_can_read((uintptr_t)dtv_of(thread_pointer)))
    os_objects_visit_tls_modules(visit_module, &blocks);
  if (layout.specific_is_known)
    visit_specific(thread_pointer, visit, context);
}
