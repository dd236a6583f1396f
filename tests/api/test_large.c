// test_large.c -- structures that break recursion, tables and small integers
//
// A list of a hundred million nodes, arrays of millions of pointers, trees deep
// and wide, rings, blocks of gigabytes.  Where memory is short, less of each.

#include <errno.h>
#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#include "support.h"

// What may be used of `bytes`: a quarter of the memory available at most.
static size_t affordable(size_t bytes) {
  size_t available_kib = 0;
  char line[200];
  FILE *file = fopen("/proc/meminfo", "r");
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "MemAvailable: %zu kB", &available_kib) == 1)
      break;
  if (file)
    fclose(file);
  size_t quarter = available_kib * KIB / 4;
  bytes = scaled(bytes);
  return bytes < quarter ? bytes : quarter;
}

static void assert_reclaimed(uint64_t live_before) {
  collect_cleanly();
  assert_true(stats_now().live_bytes <= live_before + MIB);
  mm_trim(0);
}

// ---- Lists ------------------------------------------------------------------

struct node {
  struct node *next;
  uintptr_t number;
};

static struct node *volatile root;

static NOINLINE struct node *make_list(size_t count) {
  struct node *list = NULL;
  for (size_t i = 0; i < count; i++) {
    struct node *node = gc_malloc(sizeof *node);
    node->next = list;
    node->number = i;
    list = node;
  }
  return list;
}

// Unlinks what it walks, so that no stale word keeps the rest.
static NOINLINE size_t take_list_apart(struct node *list) {
  size_t count = 0;
  while (list) {
    struct node *next = list->next;
    if (next)
      assert_true(next->number + 1 == list->number);
    list->next = NULL;
    list = next;
    count++;
  }
  return count;
}

static void a_list_of_100_million_nodes_is_marked(void **state) {
  (void)state;
  size_t count = affordable(1600 * 1000 * 1000) / sizeof(struct node);
  print_message("%zu nodes\n", count);
  collect_cleanly();
  uint64_t before = stats_now().live_bytes;
  gc_disable();  // one collection of all of it will do
  root = make_list(count);
  gc_enable();
  gc_collect();
  assert_true(stats_now().live_bytes >= count * sizeof(struct node));
  struct node *list = root;
  root = NULL;
  assert_int_equal(take_list_apart(list), count);
  list = NULL;
  assert_reclaimed(before);
}

// The same, with each link an interior pointer: a ring through the middles.
static void rings_are_garbage_like_all_else(void **state) {
  (void)state;
  size_t count = affordable(160 * 1000 * 1000) / 64;
  collect_cleanly();
  uint64_t before = stats_now().live_bytes;
  char **first = gc_malloc(64);
  char **last = first;
  for (size_t i = 1; i < count; i++) {
    char **next = gc_malloc(64);
    last[1] = (char *)next + 40;
    last[2] = (char *)first;
    last = next;
  }
  last[1] = (char *)first + 63;
  root = (struct node *)(void *)last;
  last = first = NULL;
  collect_cleanly();
  assert_true(stats_now().live_bytes >= before + count * 64);
  root = NULL;
  assert_reclaimed(before);
}

// ---- Arrays and trees -------------------------------------------------------

static void **volatile root_array;

static void an_array_of_millions_of_pointers_keeps_each_target(void **state) {
  (void)state;
  size_t count = affordable(400 * 1000 * 1000) / 40;
  collect_cleanly();
  uint64_t before = stats_now().live_bytes;
  root_array = gc_malloc(count * sizeof *root_array);
  for (size_t i = 0; i < count; i++) {
    struct node *node = gc_malloc(sizeof *node + 16);
    node->number = i;
    root_array[i] = node;
  }
  collect_cleanly();
  assert_true(stats_now().live_bytes >= before + count * 40);
  for (size_t i = 0; i < count; i++)
    assert_true(((struct node *)root_array[i])->number == i);
  root_array = NULL;
  assert_reclaimed(before);
}

// One block that points to as many others, and each of these to all of an
// array again: the work list sees the most at once.
static void a_wide_and_tangled_graph_is_marked_once(void **state) {
  (void)state;
  size_t width = scaled(3000);
  collect_cleanly();
  uint64_t before = stats_now().live_bytes;
  root_array = gc_malloc(width * sizeof *root_array);
  for (size_t i = 0; i < width; i++) {
    void **row = gc_malloc(width * sizeof *row);
    root_array[i] = row;
    for (size_t n = 0; n < width; n++)
      row[n] = root_array[(i * 31 + n) % (i + 1)];
  }
  collect_cleanly();
  uint64_t live = stats_now().live_bytes - before;
  size_t bytes = width * (width + 1) * sizeof(void *);
  assert_true(live >= bytes && live <= bytes + bytes / 4 + MIB);
  root_array = NULL;
  assert_reclaimed(before);
}

struct tree {
  struct tree *left, *right;
};

static struct tree *make_tree(unsigned depth) {
  struct tree *tree = gc_malloc(sizeof *tree);
  if (depth > 0) {
    tree->left = make_tree(depth - 1);
    tree->right = make_tree(depth - 1);
  }
  return tree;
}

static size_t tree_count(const struct tree *tree) {
  return tree ? 1 + tree_count(tree->left) + tree_count(tree->right) : 0;
}

static struct tree *volatile root_tree;

static void a_tree_of_millions_is_whole_after_collections(void **state) {
  (void)state;
  unsigned depth = 0;
  while (depth < 20 && (size_t)64 << depth < affordable(64 * MIB))
    depth++;
  collect_cleanly();
  uint64_t before = stats_now().live_bytes;
  root_tree = make_tree(depth);
  for (int i = 0; i < 3; i++)
    gc_collect();
  assert_int_equal(tree_count(root_tree), ((size_t)2 << depth) - 1);
  root_tree = NULL;
  assert_reclaimed(before);
}

// A ladder through manual memory: automatic, manual, automatic, ...
static void a_chain_through_both_regimes_holds(void **state) {
  (void)state;
  size_t count = affordable(64 * MIB) / 64;
  collect_cleanly();
  struct gc_stats before = stats_now();
  struct node *list = NULL;
  for (size_t i = 0; i < count; i++) {
    struct node *node =
      i % 2 ? mm_malloc(sizeof *node) : gc_malloc(sizeof *node);
    node->next = list;
    node->number = i;
    list = node;
  }
  root = list;
  list = NULL;
  collect_cleanly();
  assert_int_equal(stats_now().manual_blocks,
                   before.manual_blocks + count / 2);
  assert_int_equal(stats_now().unreached_manual_blocks,
                   before.unreached_manual_blocks);
  list = root;
  root = NULL;
  for (size_t i = count; i-- > 0;) {
    struct node *next = list->next;
    assert_true(list->number == i);
    list->next = NULL;
    if (i % 2)
      mm_free(list);
    list = next;
  }
  assert_int_equal(stats_now().manual_blocks, before.manual_blocks);
  assert_reclaimed(before.live_bytes);
}

// ---- Blocks of gigabytes ----------------------------------------------------

static char *volatile root_block;

static NOINLINE void use_large_block(size_t bytes) {
  uint64_t before = stats_now().live_bytes;
  root_block = gc_malloc_atomic(bytes);
  assert_non_null(root_block);
  for (size_t at = 0; at < bytes; at += 100 * 1000 * 1000 + 1)
    assert_int_equal(root_block[at], 0);
  root_block[0] = root_block[bytes / 2] = root_block[bytes - 1] = 1;
  gc_collect();
  assert_ptr_equal(gc_base((char *)root_block + bytes - 1),
                   (char *)root_block);
  assert_true(stats_now().live_bytes >= before + bytes);
  root_block = NULL;
}

static void blocks_of_gigabytes_come_and_go(void **state) {
  (void)state;
  size_t bytes = affordable(2 * GIB + 12345) | 1;
  collect_cleanly();
  uint64_t before = stats_now().live_bytes;
  for (int turn = 0; turn < 2; turn++) {
    use_large_block(bytes);
    collect_cleanly();
  }
  assert_reclaimed(before);
  // Above 4 GiB: sizes do not fit 32 bits.  Untouched, it costs nothing.
  char *huge = mm_malloc_atomic(5 * GIB);
  if (!huge)
    return;
  huge[0] = huge[5 * GIB - 1] = 7;
  assert_true(mm_usable_size(huge) >= 5 * GIB);
  assert_ptr_equal(gc_base(huge + 5 * GIB - 1), huge);
  huge = mm_realloc(huge, 6 * GIB);
  if (!huge)
    return;
  assert_int_equal(huge[0] + huge[5 * GIB - 1], 14);
  mm_free_sized(huge, 6 * GIB);
}

// A pointer in the very last word of a block scanned in pieces.
static void a_large_scanned_block_is_scanned_to_its_end(void **state) {
  (void)state;
  static const size_t sizes[] = { 32 * KIB,       32 * KIB + 16, 64 * KIB,
                                  64 * KIB + 8,   100000,        MIB - 8,
                                  10 * MIB + 4096 };
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    size_t words = sizes[i] / sizeof(void *);
    void **block = gc_malloc(words * sizeof *block);
    root_array = block;
    uintptr_t hidden_at[3];
    size_t at[3] = { 0, words / 2, words - 1 };
    for (size_t n = 0; n < 3; n++) {
      block[at[n]] = gc_malloc(48);
      hidden_at[n] = ~(uintptr_t)block[at[n]];
    }
    collect_cleanly();
    for (size_t n = 0; n < 3; n++)
      assert_ptr_equal(gc_base(block[at[n]]), (void *)~hidden_at[n]);
  }
  root_array = NULL;
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_list_of_100_million_nodes_is_marked),
    cmocka_unit_test(rings_are_garbage_like_all_else),
    cmocka_unit_test(an_array_of_millions_of_pointers_keeps_each_target),
    cmocka_unit_test(a_wide_and_tangled_graph_is_marked_once),
    cmocka_unit_test(a_tree_of_millions_is_whole_after_collections),
    cmocka_unit_test(a_chain_through_both_regimes_holds),
    cmocka_unit_test(blocks_of_gigabytes_come_and_go),
    cmocka_unit_test(a_large_scanned_block_is_scanned_to_its_end),
  };
  return cmocka_run_group_tests_name("large", tests, NULL, NULL);
}
