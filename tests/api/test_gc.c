// test_gc.c -- the automatic regime against its header
//
// Every function of gleaner/gc.h but the roots, which have tests of their own:
// allocation, zeroing, questions about addresses, collections and what bounds
// them, figures and events.

#include <errno.h>
#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <pthread.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#include "support.h"

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

// ---- Allocating -------------------------------------------------------------

typedef void *allocator(size_t bytes);

static void *calloc_many(size_t bytes) { return gc_calloc(bytes, 1); }
static void *realloc_null(size_t bytes) { return gc_realloc(NULL, bytes); }
static void *aligned_64(size_t bytes) { return gc_aligned_alloc(64, bytes); }

static allocator *const allocators[] = { gc_malloc,   gc_malloc_atomic,
                                         calloc_many, realloc_null,
                                         aligned_64,  gc_malloc_uncollectable };
#define ALLOCATOR_COUNT (sizeof allocators / sizeof allocators[0])

static void blocks_of_all_sizes_are_aligned_zeroed_and_usable(void **state) {
  (void)state;
  for (size_t a = 0; a < ALLOCATOR_COUNT; a++)
    for (size_t i = 0; i < INTERESTING_COUNT; i++) {
      size_t bytes = interesting_sizes[i];
      char *block = allocators[a](bytes);
      assert_non_null(block);
      assert_true(is_aligned(block, 16));
      size_t usable = gc_usable_size(block);
      assert_true(usable >= bytes);
      assert_true(all_bytes_are(block, usable, 0));
      memset(block, 0x5a, usable);
      assert_true(all_bytes_are(block, usable, 0x5a));
      gc_free(block);
    }
}

// What was freed, or collected, full of ones comes back as zeros.
static void memory_used_before_comes_back_zeroed(void **state) {
  (void)state;
  enum { ROUNDS = 3, BLOCKS = 60 };
  for (size_t a = 0; a < ALLOCATOR_COUNT; a++)
    for (size_t i = 0; i < INTERESTING_COUNT; i++)
      for (int round = 0; round < ROUNDS; round++) {
        size_t bytes = interesting_sizes[i], count = 2;
        count += bytes > 65536 ? 0 : scaled(BLOCKS);
        for (size_t n = 0; n < count; n++) {
          char *block = allocators[a](bytes);
          assert_non_null(block);
          size_t usable = gc_usable_size(block);
          assert_true(all_bytes_are(block, usable, 0));
          memset(block, 0xff, usable);
          if (n % 3 == 0 || allocators[a] == gc_malloc_uncollectable)
            gc_free(block);
        }
        if (round == 0 && bytes < 100)
          gc_collect();
      }
}

static void size_zero_gives_distinct_blocks(void **state) {
  (void)state;
  for (size_t a = 0; a < ALLOCATOR_COUNT; a++) {
    void *one = allocators[a](0), *other = allocators[a](0);
    assert_non_null(one);
    assert_non_null(other);
    assert_ptr_not_equal(one, other);
    gc_free(one);
    gc_free(other);
  }
}

static void wild_sizes_are_refused_with_enomem(void **state) {
  (void)state;
  for (size_t i = 0; i < WILD_COUNT; i++)
    for (size_t a = 0; a < ALLOCATOR_COUNT; a++)
      assert_no_memory(allocators[a](hidden(wild_sizes[i])));
  assert_non_null(kept(gc_malloc(100)));
}

static void success_leaves_errno_alone(void **state) {
  (void)state;
  for (size_t a = 0; a < ALLOCATOR_COUNT; a++)
    for (size_t i = 0; i < INTERESTING_COUNT; i++) {
      errno = 7777;
      void *block = allocators[a](interesting_sizes[i]);
      assert_int_equal(errno, 7777);
      gc_free(block);
      assert_int_equal(errno, 7777);
    }
  gc_collect();
  assert_int_equal(errno, 7777);
}

static void calloc_refuses_a_product_that_overflows(void **state) {
  (void)state;
  assert_no_memory(gc_calloc(hidden(SIZE_MAX), 2));
  assert_no_memory(gc_calloc(2, hidden(SIZE_MAX)));
  assert_no_memory(gc_calloc(hidden((size_t)1 << 32), (size_t)1 << 32));
  assert_no_memory(gc_calloc(hidden(SIZE_MAX / 24 + 1), 24));
  assert_non_null(kept(gc_calloc(hidden(SIZE_MAX), 0)));
}

static void aligned_blocks_are_aligned_and_zeroed(void **state) {
  (void)state;
  for (size_t alignment = 1; alignment <= MIB; alignment *= 2)
    for (size_t i = 0; i < INTERESTING_COUNT; i++) {
      size_t bytes = interesting_sizes[i];
      for (int n = 0; n < 3; n++) {
        char *block = gc_aligned_alloc(alignment, bytes);
        assert_non_null(block);
        assert_true(is_aligned(block, alignment));
        assert_true(gc_usable_size(block) >= bytes);
        assert_true(all_bytes_are(block, gc_usable_size(block), 0));
        memset(block, 0xff, gc_usable_size(block));
        gc_free(block);
      }
    }
}

static void aligned_alloc_refuses_what_is_no_power_of_two(void **state) {
  (void)state;
  static const size_t bad[] = { 0, 3, 5, 6, 24, 48, 4097, SIZE_MAX };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    errno = 0;
    assert_null(gc_aligned_alloc(hidden(bad[i]), 64));
    assert_int_equal(errno, EINVAL);
  }
  assert_no_memory(gc_aligned_alloc(hidden((size_t)1 << 63), 64));
}

static void texts_are_copied(void **state) {
  (void)state;
  static char text[100001];
  for (size_t n = 0; n <= 100000; n = n < 300 ? n + 1 : n * 2 + 1) {
    memset(text, 'x', n);
    text[n] = '\0';
    assert_string_equal(gc_strdup(text), text);
  }
  static const char unterminated[4] = { 'a', 'b', 'c', 'd' };
  assert_string_equal(gc_strndup(unterminated, sizeof unterminated), "abcd");
  assert_string_equal(gc_strndup("abcdef", 3), "abc");
  assert_string_equal(gc_strndup("abc", SIZE_MAX), "abc");
  assert_string_equal(gc_strndup("abc", 0), "");
}

// ---- gc_realloc and gc_free -------------------------------------------------

static void realloc_keeps_contents_and_zeroes_the_rest(void **state) {
  (void)state;
  for (size_t i = 0; i < INTERESTING_COUNT; i++)
    for (size_t j = 0; j < INTERESTING_COUNT; j++) {
      size_t old_bytes = interesting_sizes[i], bytes = interesting_sizes[j];
      if (bytes == 0 || !is_tried(i, j))
        continue;
      size_t both = old_bytes < bytes ? old_bytes : bytes;
      char *block = gc_malloc(old_bytes);
      memset(block, 0x33, old_bytes);
      block = gc_realloc(block, bytes);
      assert_non_null(block);
      assert_true(is_aligned(block, 16));
      assert_true(all_bytes_are(block, both, 0x33));
      assert_true(all_bytes_are(block + both, bytes - both, 0));
      memset(block, 0x44, bytes);
      gc_free(block);
    }
}

static void what_a_realloc_cut_off_is_zero_when_it_comes_back(void **state) {
  (void)state;
  static const size_t steps[][2] = { { 16, 10 },       { 64, 50 },
                                     { 1000, 900 },    { 60000, 58000 },
                                     { 200000, 199000 }, { 200000, 100000 },
                                     { 3000000, 70000 }, { 70000, 66000 },
                                     { 1024, 16 } };
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    size_t large = steps[i][0], small = steps[i][1];
    char *block = gc_malloc(large);
    memset(block, 0x33, large);
    block = gc_realloc(block, small);
    block = gc_realloc(block, large);
    assert_true(all_bytes_are(block, small, 0x33));
    assert_true(all_bytes_are(block + small, large - small, 0));
  }
}

static void a_realloc_that_fails_leaves_the_block_untouched(void **state) {
  (void)state;
  for (size_t i = 0; i < INTERESTING_COUNT; i++)
    for (size_t w = 0; w < WILD_COUNT; w++) {
      if (!is_tried(i, w))
        continue;
      char *block = gc_malloc(interesting_sizes[i]);
      size_t usable = gc_usable_size(block);
      memset(block, 0x66, usable);
      assert_no_memory(gc_realloc(block, hidden(wild_sizes[w])));
      assert_int_equal(gc_usable_size(block), usable);
      assert_true(all_bytes_are(block, usable, 0x66));
      gc_free(block);
    }
}

static void realloc_to_zero_frees_and_returns_null(void **state) {
  (void)state;
  for (size_t i = 0; i < INTERESTING_COUNT; i++) {
    char *block = gc_malloc(interesting_sizes[i]);
    assert_null(gc_realloc(block, hidden(0)));
    assert_null(gc_base(block));
  }
}

static void realloc_keeps_the_kind(void **state) {
  (void)state;
  static void **hidden_in;  // holds the atomic block
  hidden_in = gc_malloc_atomic(100);
  hidden_in = gc_realloc(hidden_in, 100000);
  assert_int_equal(gc_is_visible(hidden_in), 0);
  hidden_in = gc_realloc(hidden_in, 50);
  assert_int_equal(gc_is_visible(hidden_in), 0);
  hidden_in = gc_malloc(100);
  hidden_in = gc_realloc(hidden_in, 100000);
  assert_int_equal(gc_is_visible(hidden_in), 1);
  uint64_t before = stats_now().uncollectable_bytes;
  void *root = gc_malloc_uncollectable(100);
  root = gc_realloc(root, 100000);
  assert_true(stats_now().uncollectable_bytes >= before + 100000);
  gc_free(root);
  assert_int_equal(stats_now().uncollectable_bytes, before);
}

static void freed_blocks_are_gone_at_once(void **state) {
  (void)state;
  gc_free(NULL);
  assert_int_equal(gc_usable_size(NULL), 0);
  for (size_t a = 0; a < ALLOCATOR_COUNT; a++)
    for (size_t i = 0; i < INTERESTING_COUNT; i++) {
      char *block = allocators[a](interesting_sizes[i]);
      assert_ptr_equal(gc_base(block), block);
      gc_free(block);
      assert_null(gc_base(block));
      assert_int_equal(gc_is_automatic(block), 0);
    }
}

// ---- Asking -----------------------------------------------------------------

static void base_finds_the_block_of_each_of_its_bytes(void **state) {
  (void)state;
  for (size_t i = 0; i < INTERESTING_COUNT; i++) {
    size_t bytes = interesting_sizes[i];
    char *blocks[4];
    blocks[0] = gc_malloc(bytes);
    blocks[1] = gc_malloc_atomic(bytes);
    blocks[2] = mm_malloc(bytes);
    blocks[3] = mm_malloc_atomic(bytes);
    for (int kind = 0; kind < 4; kind++) {
      char *block = blocks[kind];
      bool is_manual = kind >= 2;
      size_t usable =
        is_manual ? mm_usable_size(block) : gc_usable_size(block);
      size_t step = usable < 70000 ? 1 : 997;
      for (size_t at = 0; at < usable; at += step) {
        if (gc_base(block + at) != block)
          fail_msg("byte %zu of %zu: %p", at, usable, gc_base(block + at));
      }
      assert_ptr_equal(gc_base(block + usable - 1), block);
      assert_ptr_not_equal(gc_base(block + usable), block);
      assert_ptr_not_equal(gc_base(block - 1), block);
      assert_int_equal(gc_is_automatic(block + usable / 2), !is_manual);
      assert_int_equal(gc_is_manual(block + usable / 2), is_manual);
    }
    mm_free(blocks[2]);
    mm_free(blocks[3]);
  }
}

static int some_static;
static void refuse_address(void) {}

static void addresses_elsewhere_belong_to_no_block(void **state) {
  (void)state;
  int some_local;
  void *other = malloc(100);
  const void *elsewhere[] = { NULL,
                              (void *)1,
                              (void *)(uintptr_t)-1,
                              (void *)(uintptr_t)0x8000000000000000,
                              (void *)(uintptr_t)0x7fffffffffff,
                              &some_local,
                              &some_static,
                              (void *)(uintptr_t)&refuse_address,
                              other,
                              "text" };
  for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
    assert_null(gc_base(elsewhere[i]));
    assert_int_equal(gc_is_automatic(elsewhere[i]), 0);
    assert_int_equal(gc_is_manual(elsewhere[i]), 0);
  }
  free(other);
}

// The heap's range and well beyond it on both sides.
static void any_address_may_be_asked_for(void **state) {
  (void)state;
  uintptr_t heap = (uintptr_t)gc_malloc(10);
  for (uintptr_t at = heap - ((uintptr_t)1 << 42);
       at < heap + ((uintptr_t)1 << 43); at += ((uintptr_t)1 << 25) + 4104) {
    char *base = gc_base((void *)at);
    if (base)
      assert_in_range(at - (uintptr_t)base, 0, 64 * MIB);
  }
  uint64_t seed = test_seed(__func__);
  for (int i = 0; i < 1000000; i++) {
    uintptr_t at = heap + chance(&seed) % (64 * MIB);
    char *base = gc_base((void *)at);
    if (base)
      assert_ptr_equal(gc_base(base), base);
  }
}

static void visible_is_what_the_collector_scans(void **state) {
  (void)state;
  static void *static_word;
  static _Thread_local void *tls_word;
  void *local_word = NULL;
  kept(&local_word);
  kept(&tls_word);
  assert_int_equal(gc_is_visible(&static_word), 1);
  assert_int_equal(gc_is_visible(&tls_word), 1);
  assert_int_equal(gc_is_visible(&local_word), 1);
  void **scanned = gc_malloc(100), **text = gc_malloc_atomic(100);
  assert_int_equal(gc_is_visible(scanned + 3), 1);
  assert_int_equal(gc_is_visible(text + 3), 0);
  void **manual = mm_malloc(100), **manual_text = mm_malloc_atomic(100);
  assert_int_equal(gc_is_visible(manual + 3), 1);
  assert_int_equal(gc_is_visible(manual_text + 3), 0);
  mm_free(manual);
  mm_free(manual_text);
  void **other = malloc(300000);
  assert_int_equal(gc_is_visible(other + 3), 0);
  assert_int_equal(gc_add_roots(other, other + 10), 0);
  assert_int_equal(gc_is_visible(other + 3), 1);
  assert_int_equal(gc_is_visible(other + 10), 0);
  assert_int_equal(gc_remove_roots(other, other + 10), 0);
  assert_int_equal(gc_is_visible(other + 3), 0);
  free(other);
  assert_int_equal(gc_is_visible(NULL), 0);
}

// ---- Collecting -------------------------------------------------------------

static NOINLINE void drop_blocks(size_t count, size_t bytes) {
  for (size_t i = 0; i < count; i++)
    kept(gc_malloc(bytes));
}

static void a_collection_takes_back_what_is_unreachable(void **state) {
  (void)state;
  collect_cleanly();
  uint64_t before = stats_now().live_bytes;
  for (size_t i = 0; i < INTERESTING_COUNT; i++)
    drop_blocks(10, interesting_sizes[i]);
  collect_cleanly();
  assert_true(stats_now().live_bytes <= before + 6 * MIB);
  static void *held[1000];
  for (size_t i = 0; i < 1000; i++)
    held[i] = gc_malloc(1000);
  collect_cleanly();
  assert_true(stats_now().live_bytes >= before + 1000 * 1000);
  memset(held, 0, sizeof held);
  collect_cleanly();
  assert_true(stats_now().live_bytes <= before + 6 * MIB);
}

static void a_program_that_only_allocates_stays_small(void **state) {
  (void)state;
  uint64_t before = stats_now().heap_bytes;
  size_t total = scaled(2 * GIB);
  for (size_t done = 0; done < total; done += 1000)
    kept(gc_malloc(1000));
  for (size_t done = 0; done < total; done += MIB)
    kept(gc_malloc(MIB));
  assert_true(stats_now().heap_bytes <= before + 100 * MIB);
}

static void disable_and_enable_nest(void **state) {
  (void)state;
  gc_enable();  // one too many is ignored
  assert_int_equal(gc_is_disabled(), 0);
  uint64_t collections = stats_now().collections;
  gc_disable();
  gc_disable();
  assert_int_equal(gc_is_disabled(), 1);
  gc_collect();
  for (int i = 0; i < 100; i++)
    kept(gc_malloc(MIB));
  gc_enable();
  assert_int_equal(gc_is_disabled(), 1);
  gc_collect();
  assert_int_equal(stats_now().collections, collections);
  gc_enable();
  assert_int_equal(gc_is_disabled(), 0);
  gc_collect();
  assert_true(stats_now().collections > collections);
}

static void growth_takes_0_to_10000_per_cent(void **state) {
  (void)state;
  assert_int_equal(gc_set_growth(UINT32_MAX), -EINVAL);
  assert_int_equal(gc_set_growth(10001), -EINVAL);
  assert_int_equal(gc_set_growth(1), 0);
  assert_int_equal(gc_set_growth(10000), 0);
  assert_int_equal(gc_set_growth(0), 0);
}

static void more_growth_is_fewer_collections(void **state) {
  (void)state;
  if (has_option("stress"))
    skip();
  static void *held[200];
  for (size_t i = 0; i < 200; i++)
    held[i] = gc_malloc(MIB);
  uint64_t collections[2];
  static const unsigned growth[2] = { 20, 1000 };
  for (int turn = 0; turn < 2; turn++) {
    gc_set_growth(growth[turn]);
    gc_collect();
    uint64_t before = stats_now().collections;
    for (int i = 0; i < 500000; i++)
      kept(gc_malloc_atomic(1000));
    collections[turn] = stats_now().collections - before;
  }
  gc_set_growth(0);
  memset(held, 0, sizeof held);
  collect_cleanly();
  assert_true(collections[0] > collections[1]);
}

// ---- The limit and the handler ----------------------------------------------

// Pointers hidden from the collector would do as well: manual memory is never
// collected.
static size_t fill_to_the_limit(void **blocks, size_t count, size_t bytes) {
  size_t n = 0;
  while (n < count && (blocks[n] = mm_malloc(bytes)))
    n++;
  return n;
}

static void limit_refuses_and_lifting_it_heals(void **state) {
  (void)state;
  static const size_t sizes[] = { 100, 3000, 50000, 100000, 1000000 };
  void **blocks = malloc(1000000 * sizeof *blocks);  // no root
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    if (sizes[i] < 50000 && !is_tried(0, 99))
      continue;
    collect_cleanly();
    mm_trim(0);
    size_t limit = stats_now().heap_bytes + 30 * MIB;
    assert_int_equal(gc_set_heap_limit(limit), 0);
    assert_int_equal(stats_now().heap_limit_bytes, limit);
    errno = 0;
    size_t count = fill_to_the_limit(blocks, 1000000, sizes[i]);
    assert_true(count < 1000000);
    assert_int_equal(errno, ENOMEM);
    assert_true(count * sizes[i] > 15 * MIB);
    assert_true(stats_now().heap_bytes <= limit);
    assert_no_memory(gc_malloc(40 * MIB));
    assert_no_memory(mm_malloc(40 * MIB));
    assert_int_equal(gc_set_heap_limit(0), 0);
    void *block = gc_malloc(40 * MIB);
    assert_non_null(block);
    gc_free(block);
    for (size_t n = 0; n < count; n++)
      mm_free(blocks[n]);
  }
  free(blocks);
}

static void at_the_limit_garbage_is_collected_before_null(void **state) {
  (void)state;
  collect_cleanly();
  mm_trim(0);
  gc_set_growth(10000);
  gc_set_heap_limit(stats_now().heap_bytes + 40 * MIB);
  size_t total = scaled(400 * MIB);
  for (size_t done = 0; done < total; done += 100000)
    assert_non_null(kept(gc_malloc_atomic(100000)));
  for (size_t done = 0; done < total; done += 1000)
    assert_non_null(kept(gc_malloc_atomic(1000)));
  gc_set_heap_limit(0);
  gc_set_growth(0);
}

static void a_limit_below_the_heap_lets_nothing_grow(void **state) {
  (void)state;
  void *held = mm_malloc(20 * MIB);
  gc_set_heap_limit(MIB);
  assert_no_memory(mm_malloc(30 * MIB));
  mm_free(held);
  mm_trim(0);
  gc_set_heap_limit(0);
  held = mm_malloc(30 * MIB);
  assert_non_null(held);
  mm_free(held);
}

static struct {
  size_t calls, bytes;
  void *context;
  void *reserve;
  bool retry;
  bool nested_failed;
  jmp_buf out;
} asked;

static void expect_handler(gc_oom_handler handler) {
  memset(&asked, 0, sizeof asked);
  collect_cleanly();
  mm_trim(0);
  asked.reserve = mm_malloc(30 * MIB);
  gc_set_heap_limit(stats_now().heap_bytes + 10 * MIB);
  gc_set_oom_handler(handler, &asked);
}

static void forget_handler(void) {
  gc_set_oom_handler(NULL, NULL);
  gc_set_heap_limit(0);
  mm_free(asked.reserve);
  asked.reserve = NULL;
}

static int refuse(size_t bytes, void *context) {
  asked.calls++;
  asked.bytes = bytes;
  asked.context = context;
  return 0;
}

static void the_handler_is_asked_before_null(void **state) {
  (void)state;
  expect_handler(refuse);
  uint64_t collections = stats_now().collections;
  assert_no_memory(gc_malloc(20 * MIB + 5));
  assert_int_equal(asked.calls, 1);
  assert_int_equal(asked.bytes, 20 * MIB + 5);
  assert_ptr_equal(asked.context, &asked);
  assert_true(stats_now().collections > collections);
  assert_no_memory(mm_malloc(20 * MIB));
  assert_int_equal(asked.calls, 2);
  forget_handler();
}

static int release_reserve(size_t bytes, void *context) {
  (void)bytes, (void)context;
  asked.calls++;
  if (!asked.reserve)
    return 0;
  mm_free(asked.reserve);
  asked.reserve = NULL;
  return 1;
}

static void a_handler_that_frees_has_the_allocation_tried_again(void **state) {
  (void)state;
  expect_handler(release_reserve);
  void *block = gc_malloc(20 * MIB);
  assert_non_null(block);
  assert_int_equal(asked.calls, 1);
  assert_true(all_bytes_are(block, 20 * MIB, 0));
  gc_free(block);
  forget_handler();
}

static int raise_limit(size_t bytes, void *context) {
  (void)bytes, (void)context;
  asked.calls++;
  gc_set_heap_limit(0);
  gc_collect();
  return 1;
}

static void a_handler_may_raise_the_limit_and_collect(void **state) {
  (void)state;
  expect_handler(raise_limit);
  void *block = mm_malloc(100 * MIB);
  assert_non_null(block);
  assert_int_equal(asked.calls, 1);
  mm_free(block);
  forget_handler();
}

static int allocate_inside(size_t bytes, void *context) {
  (void)bytes, (void)context;
  asked.calls++;
  errno = 0;
  asked.nested_failed = !gc_malloc(25 * MIB) && errno == ENOMEM;
  return 0;
}

static void allocations_inside_the_handler_fail_without_recursion(
  void **state) {
  (void)state;
  expect_handler(allocate_inside);
  for (size_t i = 1; i <= 3; i++) {
    assert_no_memory(gc_malloc(20 * MIB));
    assert_int_equal(asked.calls, i);
    assert_true(asked.nested_failed);
  }
  forget_handler();
}

static int jump_out(size_t bytes, void *context) {
  (void)bytes, (void)context;
  asked.calls++;
  longjmp(asked.out, 1);
}

// The handler must be asked the next time too, from however deep.
static NOINLINE void *allocate_deeply(unsigned depth, size_t bytes) {
  char frame[1000];
  memset(frame, (int)depth, sizeof frame);
  kept(frame);
  void *block = depth ? allocate_deeply(depth - 1, bytes) : gc_malloc(bytes);
  kept(frame);
  return block;
}

static void a_handler_may_leave_by_longjmp(void **state) {
  (void)state;
  static volatile unsigned turn;
  static const unsigned depths[] = { 0, 0, 5, 20, 100, 3, 50, 1 };
  expect_handler(jump_out);
  for (turn = 0; turn < sizeof depths / sizeof depths[0]; turn++) {
    if (setjmp(asked.out) == 0) {
      allocate_deeply(depths[turn], 20 * MIB);
      fail();
    }
    assert_int_equal(asked.calls, turn + 1);
    assert_non_null(kept(gc_malloc(100)));
  }
  forget_handler();
}

// ---- Figures ----------------------------------------------------------------

static void stats_fill_no_more_than_the_caller_knows(void **state) {
  (void)state;
  struct {
    struct gc_stats stats;
    char more[64];
  } larger;
  memset(&larger, 0x77, sizeof larger);
  assert_int_equal(gc_get_stats(&larger.stats, 0), -EINVAL);
  assert_true(all_bytes_are(&larger, sizeof larger, 0x77));
  size_t some = offsetof(struct gc_stats, live_bytes);
  assert_int_equal(gc_get_stats(&larger.stats, some), 0);
  assert_true(larger.stats.version >= 1);
  assert_true(larger.stats.heap_bytes > 0);
  assert_true(all_bytes_are(&larger.stats.live_bytes,
                            sizeof larger - some, 0x77));
  assert_int_equal(gc_get_stats(&larger.stats, sizeof larger), 0);
  assert_true(all_bytes_are(larger.more, sizeof larger.more, 0));
}

static void figures_are_plausible_and_agree(void **state) {
  (void)state;
  collect_cleanly();
  struct gc_stats s = stats_now();
  assert_int_equal(s.version, 1);
  assert_true(s.heap_bytes >= s.live_bytes + s.manual_bytes);
  assert_true(s.heap_bytes >= s.free_page_bytes);
  assert_true(s.metadata_bytes > 0);
  assert_true(s.allocated_bytes >= s.live_bytes);
  assert_true(s.next_collection_bytes > 0);
  assert_true(s.marked_bytes >= s.live_bytes);
  assert_true(s.root_bytes > 0);
  assert_int_equal(s.threads, 1);
  assert_true(s.pause_max_ns >= s.pause_last_ns);
  assert_true(s.pause_total_ns >= s.pause_max_ns);
  assert_true(s.pause_last_ns >= s.stop_last_ns);
  assert_true(s.pause_last_ns >= s.mark_last_ns);
  assert_true(s.kernel_requests > 0);
  assert_int_equal(s.heap_limit_bytes, 0);
}

static void allocation_is_counted_to_64_blocks(void **state) {
  (void)state;
  enum { COUNT = 10000 };
  for (size_t i = 0; i < INTERESTING_COUNT; i++) {
    size_t bytes = interesting_sizes[i];
    size_t count = bytes > 5000 ? 30 : scaled(COUNT);
    size_t usable = gc_usable_size(gc_malloc(bytes));
    uint64_t before = stats_now().allocated_bytes;
    for (size_t n = 0; n < count; n++)
      kept(gc_malloc(bytes));
    uint64_t counted = stats_now().allocated_bytes - before;
    assert_true(counted + 64 * usable >= count * usable);
    if (bytes <= 65536 && !has_option("stress"))  // that counts more
      assert_true(counted <= (count + 64) * usable);
  }
}

static void uncollectable_bytes_are_counted_exactly(void **state) {
  (void)state;
  for (size_t i = 0; i < INTERESTING_COUNT; i++) {
    uint64_t before = stats_now().uncollectable_bytes;
    void *block = gc_malloc_uncollectable(interesting_sizes[i]);
    assert_int_equal(stats_now().uncollectable_bytes,
                     before + gc_usable_size(block));
    gc_free(block);
    assert_int_equal(stats_now().uncollectable_bytes, before);
  }
}

static NOINLINE void leak(size_t count, size_t bytes) {
  for (size_t i = 0; i < count; i++)
    kept(mm_malloc(bytes));
}

// Last of the manual tests: what leaked stays.
static void forgotten_manual_blocks_are_counted(void **state) {
  (void)state;
  collect_cleanly();
  struct gc_stats before = stats_now();
  leak(1000, 48);
  collect_cleanly();
  struct gc_stats after = stats_now();
  uint64_t blocks =
    after.unreached_manual_blocks - before.unreached_manual_blocks;
  assert_true(blocks >= 990 && blocks <= 1000);
  assert_int_equal(
    after.unreached_manual_bytes - before.unreached_manual_bytes,
    blocks * 48);
}

static void *end_at_once(void *argument) {
  kept(gc_malloc(100));
  *(uint64_t *)argument = stats_now().threads;
  return NULL;
}

static void threads_are_counted_while_they_live(void **state) {
  (void)state;
  uint64_t inside = 0;
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, end_at_once, &inside), 0);
  pthread_join(thread, NULL);
  assert_int_equal(inside, 2);
  assert_int_equal(stats_now().threads, 1);
  assert_int_equal(gc_thread_attach(), 0);
  assert_int_equal(gc_thread_attach(), 0);
  assert_int_equal(stats_now().threads, 1);
}

// ---- Events -----------------------------------------------------------------

static struct {
  size_t count;
  struct gc_event events[40];
  void *context;
} heard;

static void hear(const struct gc_event *event, void *context) {
  heard.context = context;
  if (heard.count < 40)
    heard.events[heard.count++] = *event;
}

static void events_come_in_order_with_times_that_only_grow(void **state) {
  (void)state;
  memset(&heard, 0, sizeof heard);
  uint64_t collections = stats_now().collections;
  gc_set_event_callback(hear, &heard);
  for (int i = 0; i < 10; i++)
    gc_collect();
  gc_set_event_callback(NULL, NULL);
  gc_collect();
  assert_int_equal(heard.count, 40);
  assert_ptr_equal(heard.context, &heard);
  uint64_t time_ns = 0;
  for (size_t i = 0; i < 40; i++) {
    const struct gc_event *event = &heard.events[i];
    assert_int_equal((int)event->kind, (int)(i % 4));
    assert_true(event->time_ns >= time_ns);
    assert_true(event->time_ns > 0);
    time_ns = event->time_ns;
    assert_int_equal(event->collection, collections + 1 + i / 4);
    assert_string_equal(event->cause, "explicit");
    if (event->kind >= GC_EVENT_PAUSE_END)
      assert_true(event->pause_ns > 0);
    if (event->kind == GC_EVENT_COLLECTION_END)
      assert_true(event->heap_bytes >= event->live_bytes);
  }
}

static void events_tell_the_cause(void **state) {
  (void)state;
  if (has_option("stress"))
    skip();
  memset(&heard, 0, sizeof heard);
  gc_set_event_callback(hear, &heard);
  while (heard.count < 4)
    kept(gc_malloc(1000));
  assert_string_equal(heard.events[0].cause, "growth");
  memset(&heard, 0, sizeof heard);
  gc_set_heap_limit(MIB);
  assert_null(gc_malloc(100 * MIB));
  gc_set_heap_limit(0);
  gc_set_event_callback(NULL, NULL);
  assert_string_equal(heard.events[0].cause, "limit");
}

static void the_version_has_three_numbers(void **state) {
  (void)state;
  int major, minor, patch, length = 0;
  const char *version = gc_version();
  assert_int_equal(
    sscanf(version, "%d.%d.%d%n", &major, &minor, &patch, &length), 3);
  assert_int_equal(version[length], '\0');
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(blocks_of_all_sizes_are_aligned_zeroed_and_usable),
    cmocka_unit_test(memory_used_before_comes_back_zeroed),
    cmocka_unit_test(size_zero_gives_distinct_blocks),
    cmocka_unit_test(wild_sizes_are_refused_with_enomem),
    cmocka_unit_test(success_leaves_errno_alone),
    cmocka_unit_test(calloc_refuses_a_product_that_overflows),
    cmocka_unit_test(aligned_blocks_are_aligned_and_zeroed),
    cmocka_unit_test(aligned_alloc_refuses_what_is_no_power_of_two),
    cmocka_unit_test(texts_are_copied),
    cmocka_unit_test(realloc_keeps_contents_and_zeroes_the_rest),
    cmocka_unit_test(what_a_realloc_cut_off_is_zero_when_it_comes_back),
    cmocka_unit_test(a_realloc_that_fails_leaves_the_block_untouched),
    cmocka_unit_test(realloc_to_zero_frees_and_returns_null),
    cmocka_unit_test(realloc_keeps_the_kind),
    cmocka_unit_test(freed_blocks_are_gone_at_once),
    cmocka_unit_test(base_finds_the_block_of_each_of_its_bytes),
    cmocka_unit_test(addresses_elsewhere_belong_to_no_block),
    cmocka_unit_test(any_address_may_be_asked_for),
    cmocka_unit_test(visible_is_what_the_collector_scans),
    cmocka_unit_test(a_collection_takes_back_what_is_unreachable),
    cmocka_unit_test(a_program_that_only_allocates_stays_small),
    cmocka_unit_test(disable_and_enable_nest),
    cmocka_unit_test(growth_takes_0_to_10000_per_cent),
    cmocka_unit_test(more_growth_is_fewer_collections),
    cmocka_unit_test(limit_refuses_and_lifting_it_heals),
    cmocka_unit_test(at_the_limit_garbage_is_collected_before_null),
    cmocka_unit_test(a_limit_below_the_heap_lets_nothing_grow),
    cmocka_unit_test(the_handler_is_asked_before_null),
    cmocka_unit_test(a_handler_that_frees_has_the_allocation_tried_again),
    cmocka_unit_test(a_handler_may_raise_the_limit_and_collect),
    cmocka_unit_test(allocations_inside_the_handler_fail_without_recursion),
    cmocka_unit_test(a_handler_may_leave_by_longjmp),
    cmocka_unit_test(stats_fill_no_more_than_the_caller_knows),
    cmocka_unit_test(figures_are_plausible_and_agree),
    cmocka_unit_test(allocation_is_counted_to_64_blocks),
    cmocka_unit_test(uncollectable_bytes_are_counted_exactly),
    cmocka_unit_test(forgotten_manual_blocks_are_counted),
    cmocka_unit_test(threads_are_counted_while_they_live),
    cmocka_unit_test(events_come_in_order_with_times_that_only_grow),
    cmocka_unit_test(events_tell_the_cause),
    cmocka_unit_test(the_version_has_three_numbers),
  };
  return cmocka_run_group_tests_name("gc", tests, NULL, NULL);
}
