// test_meta.c -- heap/meta: blocks for the library's own tables

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/options.h"
#include "base/settings.h"
#include "dice.h"
#include "heap/meta.h"
#include "os/memory.h"

static void fresh_memory_is_zero_and_aligned(void **state) {
  (void)state;
  for (size_t bytes = 1; bytes < 20000; bytes += 531) {
    const unsigned char *block = meta_allocate(META_TABLES, bytes);
    assert_non_null(block);
    assert_int_equal((uintptr_t)block % 64, 0);
    for (size_t i = 0; i < bytes; i++)
      assert_int_equal(block[i], 0);
  }
}

static void a_freed_block_serves_the_next_request_of_its_size(void **state) {
  (void)state;
  static const size_t sizes[] = { 1, 64, 65, 640, 4096, 4097, 100 * KIB, MIB };
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    void *block = meta_allocate(META_PAGES, sizes[i]);
    meta_free(META_PAGES, block, sizes[i]);
    assert_ptr_equal(meta_allocate(META_PAGES, sizes[i]), block);
    meta_free(META_PAGES, block, sizes[i]);
  }
}

static void recycled_memory_is_as_it_was_but_for_two_words(void **state) {
  (void)state;
  unsigned char *block = meta_allocate(META_PAGES, 320);
  memset(block, 0x3c, 320);
  meta_free(META_PAGES, block, 320);
  assert_ptr_equal(meta_allocate(META_PAGES, 320), block);
  for (size_t i = 2 * sizeof(void *); i < 320; i++)
    assert_int_equal(block[i], 0x3c);
}

static void pools_do_not_lend_to_each_other(void **state) {
  (void)state;
  void *page = meta_allocate(META_PAGES, 1984);
  meta_free(META_PAGES, page, 1984);
  void *table = meta_allocate(META_TABLES, 1984);
  assert_ptr_not_equal(table, page);
  assert_ptr_equal(meta_allocate(META_PAGES, 1984), page);
}

static void a_refused_mapping_is_null_and_harmless(void **state) {
  (void)state;
  size_t before = meta_bytes();
  options.fail = os_memory_requests() + 1;
  assert_null(meta_allocate(META_TABLES, 8 * MIB));
  options.fail = 0;
  assert_int_equal(meta_bytes(), before);
  void *block = meta_allocate(META_TABLES, 8 * MIB);
  assert_non_null(block);
  assert_true(meta_bytes() >= before + 8 * MIB);
  memset(block, 1, 8 * MIB);
}

// ---- Against a model --------------------------------------------------------

#define BLOCKS 400

struct held {
  unsigned char *at;
  size_t bytes;
  enum meta_pool pool;
  unsigned char fill;
};

static void assert_intact(const struct held *held) {
  for (size_t i = 0; i < held->bytes; i++)
    assert_int_equal(held->at[i], held->fill);
}

static size_t random_size(void) {
  return dice(8) ? 1 + dice(1500) : 1 + dice(40000);
}

static void blocks_in_use_never_overlap(void **state) {
  (void)state;
  static struct held blocks[BLOCKS];
  for (unsigned step = 0; step < 20000; step++) {
    struct held *held = &blocks[dice(BLOCKS)];
    if (held->at) {
      assert_intact(held);
      meta_free(held->pool, held->at, held->bytes);
      held->at = NULL;
      continue;
    }
    held->bytes = random_size();
    held->pool = dice(META_POOLS);
    held->fill = (unsigned char)dice(256);
    held->at = meta_allocate(held->pool, held->bytes);
    assert_non_null(held->at);
    assert_int_equal((uintptr_t)held->at % 64, 0);
    memset(held->at, held->fill, held->bytes);
  }
  for (size_t i = 0; i < BLOCKS; i++)
    if (blocks[i].at)
      assert_intact(&blocks[i]);
}

int main(void) {
  dice_seed();
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(fresh_memory_is_zero_and_aligned),
    cmocka_unit_test(a_freed_block_serves_the_next_request_of_its_size),
    cmocka_unit_test(recycled_memory_is_as_it_was_but_for_two_words),
    cmocka_unit_test(pools_do_not_lend_to_each_other),
    cmocka_unit_test(a_refused_mapping_is_null_and_harmless),
    cmocka_unit_test(blocks_in_use_never_overlap),
  };
  return cmocka_run_group_tests_name("meta", tests, NULL, NULL);
}
