// test_mm.c -- the manual regime against its header, C17, C23 and POSIX
//
// Every function of gleaner/mm.h: what it returns, what it leaves alone, errno,
// and the sizes and alignments at which allocators break.

#include <errno.h>
#include <gleaner/mm.h>
#include <limits.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#include "support.h"

// Sizes nobody can serve: a byte too many for ptrdiff_t, and the extremes.
static const size_t wild_sizes[] = {
  SIZE_MAX,      SIZE_MAX - 1,           SIZE_MAX - 15, SIZE_MAX - 4095,
  SIZE_MAX / 2,  (size_t)PTRDIFF_MAX,    (size_t)PTRDIFF_MAX + 1,
  SIZE_MAX - 65536, SIZE_MAX - 65535,    (size_t)PTRDIFF_MAX - 65536,
  (size_t)1 << 62,  (size_t)1 << 48,
};
#define WILD_COUNT (sizeof wild_sizes / sizeof wild_sizes[0])

#define assert_no_memory(call) \
  do { \
    errno = 0; \
    assert_null(call); \
    assert_int_equal(errno, ENOMEM); \
  } while (0)

#define assert_invalid(call) \
  do { \
    errno = 0; \
    assert_null(call); \
    assert_int_equal(errno, EINVAL); \
  } while (0)

// ---- mm_malloc --------------------------------------------------------------

typedef void *allocator(size_t bytes);

static void *calloc_one(size_t bytes) { return mm_calloc(1, bytes); }
static void *calloc_many(size_t bytes) { return mm_calloc(bytes, 1); }
static void *realloc_null(size_t bytes) { return mm_realloc(NULL, bytes); }
static void *reallocarray_null(size_t bytes) {
  return mm_reallocarray(NULL, bytes, 1);
}
static void *aligned_64(size_t bytes) { return mm_aligned_alloc(64, bytes); }
static void *memalign_32(size_t bytes) { return mm_memalign(32, bytes); }
static void *posix_128(size_t bytes) {
  void *block = NULL;
  int error = mm_posix_memalign(&block, 128, bytes);
  if (error)
    errno = error;
  return block;
}

static allocator *const allocators[] = {
  mm_malloc,   mm_malloc_atomic, calloc_one,   calloc_many,
  realloc_null, reallocarray_null, aligned_64, memalign_32,
  posix_128,   mm_valloc,        mm_pvalloc,
};
#define ALLOCATOR_COUNT (sizeof allocators / sizeof allocators[0])

static void blocks_of_all_sizes_are_aligned_to_16_and_usable(void **state) {
  (void)state;
  for (size_t a = 0; a < ALLOCATOR_COUNT; a++)
    for (size_t i = 0; i < INTERESTING_COUNT; i++) {
      size_t bytes = interesting_sizes[i];
      char *block = allocators[a](bytes);
      assert_non_null(block);
      assert_true(is_aligned(block, 16));
      size_t usable = mm_usable_size(block);
      assert_true(usable >= bytes);
      memset(block, 0x5a, usable);
      assert_true(all_bytes_are(block, usable, 0x5a));
      mm_free(block);
    }
}

static void blocks_of_every_size_up_to_5000_keep_their_bytes(void **state) {
  (void)state;
  static char *blocks[5001];
  size_t most = scaled(5000);
  for (size_t n = 0; n <= most; n++) {
    blocks[n] = mm_malloc(n);
    assert_non_null(blocks[n]);
    assert_true(is_aligned(blocks[n], 16));
    memset(blocks[n], (int)(n % 251), mm_usable_size(blocks[n]));
  }
  for (size_t n = 0; n <= most; n++)
    assert_true(all_bytes_are(blocks[n], mm_usable_size(blocks[n]),
                              (unsigned char)(n % 251)));
  for (size_t n = 0; n <= most; n++)
    mm_free(blocks[n]);
}

static void size_zero_gives_distinct_blocks(void **state) {
  (void)state;
  for (size_t a = 0; a < ALLOCATOR_COUNT; a++) {
    void *one = allocators[a](0), *other = allocators[a](0);
    assert_non_null(one);
    assert_non_null(other);
    assert_ptr_not_equal(one, other);
    mm_free(one);
    mm_free(other);
  }
  void *one = mm_calloc(0, 100), *other = mm_calloc(100, 0);
  assert_non_null(one);
  assert_non_null(other);
  mm_free(one);
  mm_free(other);
}

static void wild_sizes_are_refused_with_enomem(void **state) {
  (void)state;
  for (size_t i = 0; i < WILD_COUNT; i++)
    for (size_t a = 0; a < ALLOCATOR_COUNT; a++)
      assert_no_memory(allocators[a](hidden(wild_sizes[i])));
  void *block = mm_malloc(100);  // and all is well after
  assert_non_null(block);
  mm_free(block);
}

static void success_leaves_errno_alone(void **state) {
  (void)state;
  for (size_t a = 0; a < ALLOCATOR_COUNT; a++)
    for (size_t i = 0; i < INTERESTING_COUNT; i++) {
      errno = 7777;
      void *block = allocators[a](interesting_sizes[i]);
      assert_non_null(block);
      assert_int_equal(errno, 7777);
      mm_free(block);
    }
}

// ---- mm_free ----------------------------------------------------------------

static void free_keeps_errno(void **state) {
  (void)state;
  for (size_t i = 0; i < INTERESTING_COUNT; i++) {
    void *block = mm_malloc(interesting_sizes[i]);
    errno = 4242;
    mm_free(block);
    assert_int_equal(errno, 4242);
  }
  void *huge = mm_malloc(64 * MIB);
  memset(huge, 1, 64 * MIB);
  errno = 4242;
  mm_free(huge);
  mm_free(NULL);
  assert_int_equal(errno, 4242);
}

static void free_of_null_has_no_effect(void **state) {
  (void)state;
  mm_free(NULL);
  mm_free_sized(NULL, 0);
  mm_free_sized(NULL, 100);
  mm_free_aligned_sized(NULL, 64, 100);
  assert_int_equal(mm_usable_size(NULL), 0);
}

static void freed_memory_is_used_again(void **state) {
  (void)state;
  for (size_t i = 0; i < INTERESTING_COUNT; i++) {
    size_t bytes = interesting_sizes[i];
    size_t before = stats_now().heap_bytes;
    for (size_t n = 0; n < scaled(200); n++) {
      void *block = mm_malloc(bytes);
      assert_non_null(block);
      mm_free(kept(block));
    }
    assert_true(stats_now().heap_bytes <= before + 16 * MIB);
  }
}

static void sized_free_takes_every_size_that_was_asked_for(void **state) {
  (void)state;
  for (size_t i = 0; i < INTERESTING_COUNT; i++) {
    size_t bytes = interesting_sizes[i];
    mm_free_sized(mm_malloc(bytes), bytes);
    mm_free_sized(mm_malloc_atomic(bytes), bytes);
    mm_free_sized(mm_calloc(1, bytes), bytes);
    mm_free_sized(mm_realloc(NULL, bytes), bytes);
  }
  for (size_t n = 0; n < 3000; n++)
    mm_free_sized(mm_malloc(n), n);
}

static void sized_free_takes_the_size_of_the_last_realloc(void **state) {
  (void)state;
  for (size_t i = 0; i < INTERESTING_COUNT; i++)
    for (size_t j = 0; j < INTERESTING_COUNT; j++) {
      size_t bytes = interesting_sizes[j] ? interesting_sizes[j] : 1;
      if (!is_tried(i, j))
        continue;
      void *block = mm_malloc(interesting_sizes[i]);
      block = mm_realloc(block, bytes);
      assert_non_null(block);
      mm_free_sized(block, bytes);
    }
}

static void aligned_sized_free_takes_what_was_asked_for(void **state) {
  (void)state;
  for (size_t alignment = 1; alignment <= MIB; alignment *= 2)
    for (size_t i = 0; i < INTERESTING_COUNT; i++) {
      size_t bytes = interesting_sizes[i];
      void *block = mm_aligned_alloc(alignment, bytes);
      assert_non_null(block);
      mm_free_aligned_sized(block, alignment, bytes);
    }
}

// ---- mm_calloc --------------------------------------------------------------

static void calloc_clears_memory_that_was_dirty(void **state) {
  (void)state;
  enum { BLOCKS = 100 };
  for (size_t i = 0; i < INTERESTING_COUNT; i++) {
    size_t bytes = interesting_sizes[i];
    size_t count = bytes > 65536 ? 3 : 2 + scaled(BLOCKS - 2);
    void *blocks[BLOCKS];
    for (size_t n = 0; n < count; n++) {
      blocks[n] = mm_malloc(bytes);
      memset(blocks[n], 0xff, mm_usable_size(blocks[n]));
    }
    for (size_t n = 0; n < count; n++)
      mm_free(blocks[n]);
    for (size_t n = 0; n < count; n++) {
      blocks[n] = n % 2 ? mm_calloc(1, bytes) : mm_calloc(bytes, 1);
      assert_true(all_bytes_are(blocks[n], bytes, 0));
    }
    for (size_t n = 0; n < count; n++)
      mm_free(blocks[n]);
  }
}

static void calloc_refuses_a_product_that_overflows(void **state) {
  (void)state;
  assert_no_memory(mm_calloc(hidden(SIZE_MAX), 2));
  assert_no_memory(mm_calloc(2, hidden(SIZE_MAX)));
  assert_no_memory(mm_calloc(hidden(SIZE_MAX), hidden(SIZE_MAX)));
  assert_no_memory(mm_calloc(hidden((size_t)1 << 32), (size_t)1 << 32));
  assert_no_memory(mm_calloc(hidden(SIZE_MAX / 16 + 1), 16));
  assert_no_memory(mm_calloc(hidden(SIZE_MAX / 24 + 1), 24));
  void *none = mm_calloc(hidden(SIZE_MAX), 0);
  assert_non_null(none);
  mm_free(none);
}

// ---- mm_realloc -------------------------------------------------------------

static void realloc_keeps_contents_between_any_two_sizes(void **state) {
  (void)state;
  for (size_t i = 0; i < INTERESTING_COUNT; i++)
    for (size_t j = 0; j < INTERESTING_COUNT; j++) {
      size_t old_bytes = interesting_sizes[i], bytes = interesting_sizes[j];
      if (bytes == 0 || !is_tried(i, j))
        continue;
      size_t both = old_bytes < bytes ? old_bytes : bytes;
      char *block = mm_malloc(old_bytes);
      memset(block, 0x33, old_bytes);
      errno = 7777;
      block = mm_realloc(block, bytes);
      assert_non_null(block);
      assert_int_equal(errno, 7777);
      assert_true(is_aligned(block, 16));
      assert_true(mm_usable_size(block) >= bytes);
      assert_true(all_bytes_are(block, both, 0x33));
      memset(block, 0x44, mm_usable_size(block));
      mm_free(block);
    }
}

static void realloc_a_page_at_a_time_keeps_neighbours_intact(void **state) {
  (void)state;
  const size_t most = 200000 + scaled(4 * MIB);
  char *left = mm_malloc(100000), *right = mm_malloc(100000);
  memset(left, 1, 100000);
  memset(right, 2, 100000);
  for (size_t bytes = 100000; bytes < most; bytes += 50000) {
    size_t was = bytes - 50000 < 100000 ? 100000 : bytes - 50000;
    left = mm_realloc(left, bytes);
    right = mm_realloc(right, bytes);
    assert_true(all_bytes_are(left, was, 1));
    assert_true(all_bytes_are(right, was, 2));
    memset(left, 1, bytes);
    memset(right, 2, bytes);
  }
  for (size_t bytes = most; bytes > 170000; bytes -= 70000) {
    left = mm_realloc(left, bytes);
    right = mm_realloc(right, bytes);
    size_t whole = bytes < most - 50000 ? bytes : most - 50000;
    assert_true(all_bytes_are(left, whole, 1));
    assert_true(all_bytes_are(right, whole, 2));
  }
  mm_free(left);
  mm_free(right);
}

static void realloc_to_zero_frees_and_returns_null(void **state) {
  (void)state;
  for (size_t i = 0; i < INTERESTING_COUNT; i++) {
    void *block = mm_malloc(interesting_sizes[i]);
    uint64_t blocks = stats_now().manual_blocks;
    errno = 7777;
    assert_null(mm_realloc(block, hidden(0)));
    assert_int_equal(errno, 7777);
    assert_int_equal(stats_now().manual_blocks, blocks - 1);
  }
}

static void a_realloc_that_fails_leaves_the_block_untouched(void **state) {
  (void)state;
  for (size_t i = 0; i < INTERESTING_COUNT; i++)
    for (size_t w = 0; w < WILD_COUNT; w++) {
      if (!is_tried(i, w))
        continue;
      size_t bytes = interesting_sizes[i];
      char *block = mm_malloc(bytes);
      size_t usable = mm_usable_size(block);
      memset(block, 0x66, usable);
      assert_no_memory(mm_realloc(block, hidden(wild_sizes[w])));
      assert_no_memory(mm_reallocarray(block, hidden(wild_sizes[w]), 3));
      assert_int_equal(mm_usable_size(block), usable);
      assert_true(all_bytes_are(block, usable, 0x66));
      mm_free(block);
    }
}

static void reallocarray_is_realloc_of_the_product(void **state) {
  (void)state;
  char *block = mm_reallocarray(NULL, 10, 10);
  memset(block, 9, 100);
  block = mm_reallocarray(block, 1000, 1000);
  assert_true(mm_usable_size(block) >= 1000000);
  assert_true(all_bytes_are(block, 100, 9));
  assert_no_memory(
    mm_reallocarray(block, hidden((size_t)1 << 33), (size_t)1 << 33));
  assert_true(all_bytes_are(block, 100, 9));
  assert_null(mm_reallocarray(block, hidden(0), 50));  // freed
  assert_no_memory(mm_reallocarray(NULL, hidden(SIZE_MAX), 2));
}

// ---- Texts ------------------------------------------------------------------

static void strdup_copies_with_the_nul(void **state) {
  (void)state;
  static char text[200001];
  for (size_t n = 0; n <= 200000; n = n < 300 ? n + 1 : n * 2 + 1) {
    memset(text, 'x', n);
    text[n] = '\0';
    char *copy = mm_strdup(text);
    assert_ptr_not_equal(copy, text);
    assert_string_equal(copy, text);
    mm_free_sized(copy, n + 1);
  }
}

static void strndup_stops_at_the_bound_or_the_nul(void **state) {
  (void)state;
  static const char unterminated[4] = { 'a', 'b', 'c', 'd' };
  char *copy = mm_strndup(unterminated, sizeof unterminated);
  assert_string_equal(copy, "abcd");
  mm_free(copy);
  copy = mm_strndup("abcdef", 3);
  assert_string_equal(copy, "abc");
  mm_free(copy);
  copy = mm_strndup("abc", SIZE_MAX);
  assert_string_equal(copy, "abc");
  mm_free(copy);
  copy = mm_strndup("abc", 0);
  assert_string_equal(copy, "");
  mm_free(copy);
}

// ---- Alignment --------------------------------------------------------------

static void *posix_aligned(size_t alignment, size_t bytes) {
  void *block = NULL;
  int error = mm_posix_memalign(&block, alignment, bytes);
  assert_true(error == 0 || block == NULL);
  return block;
}

static void all_alignments_to_1_mib_are_met(void **state) {
  (void)state;
  enum { BLOCKS = 5 };
  typedef void *aligned_allocator(size_t alignment, size_t bytes);
  static aligned_allocator *const aligned[] = { mm_aligned_alloc, mm_memalign,
                                                posix_aligned };
  for (size_t a = 0; a < 3; a++)
    for (size_t alignment = sizeof(void *); alignment <= MIB; alignment *= 2)
      for (size_t i = 0; i < INTERESTING_COUNT; i++) {
        size_t bytes = interesting_sizes[i];
        if (!is_tried(i, alignment))
          continue;
        char *blocks[BLOCKS];
        for (int n = 0; n < BLOCKS; n++) {
          blocks[n] = aligned[a](alignment, bytes);
          assert_non_null(blocks[n]);
          assert_true(is_aligned(blocks[n], alignment));
          assert_true(is_aligned(blocks[n], 16));
          assert_true(mm_usable_size(blocks[n]) >= bytes);
          memset(blocks[n], n + 1, mm_usable_size(blocks[n]));
        }
        for (int n = 0; n < BLOCKS; n++) {
          assert_true(all_bytes_are(blocks[n], mm_usable_size(blocks[n]),
                                    (unsigned char)(n + 1)));
          mm_free(blocks[n]);
        }
      }
}

static void aligned_alloc_refuses_what_is_no_power_of_two(void **state) {
  (void)state;
  static const size_t bad[] = { 0, 3, 5, 6, 7, 9, 24, 48, 100, 4095, 4097,
                                SIZE_MAX, SIZE_MAX - 1 };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_invalid(mm_aligned_alloc(hidden(bad[i]), 64));
}

static void aligned_alloc_takes_a_size_that_is_no_multiple(void **state) {
  (void)state;
  char *block = mm_aligned_alloc(64, 3);
  assert_true(is_aligned(block, 64));
  mm_free_aligned_sized(block, 64, 3);
  block = mm_aligned_alloc(1, 3);  // weaker than any block's: the usual one
  assert_true(is_aligned(block, 16));
  mm_free(block);
}

// Whether so much address space is there is the system's affair; either way
// the answer is clear and nothing else changed.
static void a_huge_alignment_succeeds_or_is_enomem(void **state) {
  (void)state;
  for (unsigned shift = 21; shift < 64; shift++) {
    if (shift > 24 && shift < 50 && !is_tried(shift, 0))
      continue;  // what is granted makes the heap's tables long
    size_t alignment = (size_t)1 << shift;
    errno = 0;
    void *block = mm_aligned_alloc(hidden(alignment), 100);
    if (block) {
      assert_true(is_aligned(block, alignment));
      mm_free(block);
    } else {
      assert_int_equal(errno, ENOMEM);
    }
    errno = 7777;
    void *untouched = &errno, *result = untouched;
    int error = mm_posix_memalign(&result, hidden(alignment), 100);
    assert_int_equal(errno, 7777);
    assert_true(error == 0 || error == ENOMEM);
    if (error == 0)
      mm_free(result);
    else
      assert_ptr_equal(result, untouched);
  }
  assert_no_memory(mm_aligned_alloc(hidden((size_t)1 << 63), 100));
  assert_no_memory(mm_aligned_alloc(hidden((size_t)1 << 62), SIZE_MAX / 2));
}

static void posix_memalign_leaves_result_and_errno_alone_on_error(
  void **state) {
  (void)state;
  static const size_t bad[] = { 0, 1, 2, 4, 3, 7, 9, 12, 24, 40, 100,
                                SIZE_MAX, sizeof(void *) * 3 };
  void *untouched = &errno, *result = untouched;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    errno = 7777;
    assert_int_equal(mm_posix_memalign(&result, hidden(bad[i]), 64), EINVAL);
    assert_ptr_equal(result, untouched);
    assert_int_equal(errno, 7777);
  }
  for (size_t w = 0; w < WILD_COUNT; w++) {
    errno = 7777;
    assert_int_equal(mm_posix_memalign(&result, 64, hidden(wild_sizes[w])),
                     ENOMEM);
    assert_ptr_equal(result, untouched);
    assert_int_equal(errno, 7777);
  }
}

static void memalign_rounds_an_odd_alignment_up(void **state) {
  (void)state;
  static const size_t odd[] = { 0, 1, 3, 5, 17, 24, 33, 100, 1000, 5000 };
  for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
    void *block = mm_memalign(odd[i], 40);
    assert_non_null(block);
    size_t power = 1;
    while (power < odd[i])
      power *= 2;
    assert_true(is_aligned(block, power));
    mm_free(block);
  }
  errno = 0;
  assert_null(mm_memalign(hidden(SIZE_MAX), 40));
  assert_true(errno == ENOMEM || errno == EINVAL);
  errno = 0;
  assert_null(mm_memalign(hidden(SIZE_MAX / 2 + 2), 40));
  assert_true(errno == ENOMEM || errno == EINVAL);
}

static void valloc_and_pvalloc_start_at_pages(void **state) {
  (void)state;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (size_t i = 0; i < INTERESTING_COUNT; i++) {
    size_t bytes = interesting_sizes[i];
    void *block = mm_valloc(bytes);
    assert_true(is_aligned(block, page));
    mm_free(block);
    block = mm_pvalloc(bytes);
    assert_true(is_aligned(block, page));
    assert_true(mm_usable_size(block) >= (bytes + page - 1) / page * page);
    mm_free(block);
  }
}

static void realloc_of_an_aligned_block_keeps_contents(void **state) {
  (void)state;
  for (size_t alignment = 32; alignment <= MIB; alignment *= 4)
    for (size_t i = 0; i < INTERESTING_COUNT; i++) {
      char *block = mm_aligned_alloc(alignment, 1000);
      memset(block, 0x21, 1000);
      size_t bytes = interesting_sizes[i] ? interesting_sizes[i] : 1;
      block = mm_realloc(block, bytes);
      assert_true(all_bytes_are(block, bytes < 1000 ? bytes : 1000, 0x21));
      mm_free_sized(block, bytes);
    }
}

// ---- Memory given back ------------------------------------------------------

static void trim_gives_memory_back(void **state) {
  (void)state;
  enum { MOST = 4000, BYTES = 40000 };
  static void *blocks[MOST];
  const int count = (int)scaled(MOST);
  mm_trim(0);
  size_t before = resident_bytes();
  for (int i = 0; i < count; i++) {
    blocks[i] = mm_malloc(BYTES);
    memset(blocks[i], 1, BYTES);
  }
  size_t full = resident_bytes();
  assert_true(full >= before + (size_t)count * BYTES / 10 * 9);
  for (int i = 0; i < count; i++)
    mm_free(blocks[i]);
  assert_int_equal(mm_trim(0), 1);
  assert_true(resident_bytes() <= before + 8 * MIB);
  assert_int_equal(mm_trim(0), 0);
}

static void trim_of_one_large_block_leaves_what_it_is_told(void **state) {
  (void)state;
  mm_trim(0);
  char *block = mm_malloc(100 * MIB);
  memset(block, 1, 100 * MIB);
  size_t full = resident_bytes();
  mm_free(block);
  assert_int_equal(mm_trim(10 * MIB), 1);
  assert_true(resident_bytes() <= full - 80 * MIB);
  size_t kept_bytes = stats_now().free_page_bytes;
  assert_true(kept_bytes >= 5 * MIB && kept_bytes <= 20 * MIB);
  assert_int_equal(mm_trim(10 * MIB), 0);
  mm_trim(0);
}

static void pages_of_small_blocks_are_given_back_too(void **state) {
  (void)state;
  enum { MOST = 1000000, BYTES = 64 };
  const size_t count = scaled(MOST);
  void **blocks = malloc(count * sizeof *blocks);  // no root
  memset(blocks, 1, count * sizeof *blocks);
  mm_trim(0);
  size_t before = resident_bytes();
  for (size_t i = 0; i < count; i++) {
    blocks[i] = mm_malloc(BYTES);
    memset(blocks[i], 1, BYTES);
  }
  for (size_t i = 0; i < count; i++)
    mm_free(blocks[i * 7919 % count]);
  mm_trim(0);
  assert_true(resident_bytes() <= before + 8 * MIB);
  free(blocks);
}

// ---- Figures ----------------------------------------------------------------

static void manual_blocks_and_bytes_are_counted_exactly(void **state) {
  (void)state;
  for (size_t i = 0; i < INTERESTING_COUNT; i++) {
    struct gc_stats before = stats_now();
    void *block = mm_malloc(interesting_sizes[i]);
    size_t usable = mm_usable_size(block);
    struct gc_stats between = stats_now();
    assert_int_equal(between.manual_blocks, before.manual_blocks + 1);
    assert_int_equal(between.manual_bytes, before.manual_bytes + usable);
    mm_free(block);
    struct gc_stats after = stats_now();
    assert_int_equal(after.manual_blocks, before.manual_blocks);
    assert_int_equal(after.manual_bytes, before.manual_bytes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(blocks_of_all_sizes_are_aligned_to_16_and_usable),
    cmocka_unit_test(blocks_of_every_size_up_to_5000_keep_their_bytes),
    cmocka_unit_test(size_zero_gives_distinct_blocks),
    cmocka_unit_test(wild_sizes_are_refused_with_enomem),
    cmocka_unit_test(success_leaves_errno_alone),
    cmocka_unit_test(free_keeps_errno),
    cmocka_unit_test(free_of_null_has_no_effect),
    cmocka_unit_test(freed_memory_is_used_again),
    cmocka_unit_test(sized_free_takes_every_size_that_was_asked_for),
    cmocka_unit_test(sized_free_takes_the_size_of_the_last_realloc),
    cmocka_unit_test(aligned_sized_free_takes_what_was_asked_for),
    cmocka_unit_test(calloc_clears_memory_that_was_dirty),
    cmocka_unit_test(calloc_refuses_a_product_that_overflows),
    cmocka_unit_test(realloc_keeps_contents_between_any_two_sizes),
    cmocka_unit_test(realloc_a_page_at_a_time_keeps_neighbours_intact),
    cmocka_unit_test(realloc_to_zero_frees_and_returns_null),
    cmocka_unit_test(a_realloc_that_fails_leaves_the_block_untouched),
    cmocka_unit_test(reallocarray_is_realloc_of_the_product),
    cmocka_unit_test(strdup_copies_with_the_nul),
    cmocka_unit_test(strndup_stops_at_the_bound_or_the_nul),
    cmocka_unit_test(all_alignments_to_1_mib_are_met),
    cmocka_unit_test(aligned_alloc_refuses_what_is_no_power_of_two),
    cmocka_unit_test(aligned_alloc_takes_a_size_that_is_no_multiple),
    cmocka_unit_test(a_huge_alignment_succeeds_or_is_enomem),
    cmocka_unit_test(posix_memalign_leaves_result_and_errno_alone_on_error),
    cmocka_unit_test(memalign_rounds_an_odd_alignment_up),
    cmocka_unit_test(valloc_and_pvalloc_start_at_pages),
    cmocka_unit_test(realloc_of_an_aligned_block_keeps_contents),
    cmocka_unit_test(trim_gives_memory_back),
    cmocka_unit_test(trim_of_one_large_block_leaves_what_it_is_told),
    cmocka_unit_test(pages_of_small_blocks_are_given_back_too),
    cmocka_unit_test(manual_blocks_and_bytes_are_counted_exactly),
  };
  return cmocka_run_group_tests_name("mm", tests, NULL, NULL);
}
