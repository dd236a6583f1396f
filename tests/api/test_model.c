// test_model.c -- random operations of both regimes against a dumb model
//
// The model is a table: what was handed out, how large, filled with what.  The
// library must agree with it after each step: no two blocks overlap, contents
// are what was written, questions about an address have the table's answer.
// Automatic blocks stay while the table points to them and go once it does not;
// manual blocks are counted to the last one.
//
// The second half hands blocks from thread to thread through mailboxes; whoever
// takes one out checks and frees it.  Threads end with their blocks still out.
//
// TEST_SEED repeats a run of the first half.

#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <pthread.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#include "support.h"

enum kind { AUTOMATIC, AUTOMATIC_TEXT, UNCOLLECTABLE, MANUAL, MANUAL_TEXT,
            KINDS };

static bool is_manual_kind(enum kind kind) { return kind >= MANUAL; }

// ---- Filling ----------------------------------------------------------------

// Large blocks are filled and checked at both ends and here and there.
#define WHOLE_BYTES 8192
#define SAMPLE_STEP 4093

static void fill(char *block, size_t bytes, unsigned char byte) {
  if (bytes <= WHOLE_BYTES) {
    memset(block, byte, bytes);
    return;
  }
  for (size_t at = 0; at < bytes; at += SAMPLE_STEP)
    block[at] = (char)byte;
  block[bytes - 1] = (char)byte;
}

static bool is_filled(const char *block, size_t bytes, unsigned char byte) {
  if (bytes <= WHOLE_BYTES)
    return all_bytes_are(block, bytes, byte);
  for (size_t at = 0; at < bytes; at += SAMPLE_STEP)
    if (block[at] != (char)byte)
      return false;
  return block[bytes - 1] == (char)byte;
}

// ---- The model --------------------------------------------------------------

#define ENTRIES 1500

struct entry {
  char *block;  // NULL: a free entry
  size_t bytes, usable;
  enum kind kind;
  unsigned char byte;
};

static struct entry table[ENTRIES];
static uint64_t seed;
static size_t step;

static size_t below(size_t bound) { return chance(&seed) % bound; }

static void require(bool is_true, const char *law, const struct entry *entry) {
  if (!is_true)
    fail_msg("step %zu: %s: block %p of %zu bytes, usable %zu, kind %d", step,
             law, (void *)entry->block, entry->bytes, entry->usable,
             (int)entry->kind);
}

// Small ones mostly, now and then a large one.
static size_t random_size(void) {
  size_t dice = below(1000);
  if (dice < 600)
    return below(300);
  if (dice < 900)
    return below(5000);
  if (dice < 980)
    return below(70000);
  if (dice < 998)
    return below(300000);
  return below(3000000);
}

static size_t usable_size(const struct entry *entry) {
  return is_manual_kind(entry->kind) ? mm_usable_size(entry->block)
                                     : gc_usable_size(entry->block);
}

static void check_contents(const struct entry *entry) {
  require(is_filled(entry->block, entry->bytes, entry->byte),
          "contents are as written", entry);
}

static void check_answers(const struct entry *entry) {
  char *inside = entry->block + below(entry->usable);
  bool is_manual = is_manual_kind(entry->kind);
  require(usable_size(entry) == entry->usable, "usable size stays", entry);
  require(gc_base(inside) == entry->block, "gc_base finds the block", entry);
  require(gc_is_manual(inside) == is_manual, "gc_is_manual", entry);
  require(gc_is_automatic(inside) == !is_manual, "gc_is_automatic", entry);
}

static void check_overlap(const struct entry *entry) {
  for (const struct entry *other = table; other < table + ENTRIES; other++)
    if (other->block && other != entry)
      require(entry->block + entry->usable <= other->block
                || other->block + other->usable <= entry->block,
              "blocks do not overlap", entry);
}

// `entry` has a new block, or its block a new size.
static void settle(struct entry *entry, size_t bytes) {
  entry->bytes = bytes;
  require(entry->block != NULL, "memory is there", entry);
  require(is_aligned(entry->block, 16), "aligned to 16", entry);
  entry->usable = usable_size(entry);
  require(entry->usable >= bytes, "at least what was asked for", entry);
  check_overlap(entry);
  check_answers(entry);
  entry->byte = (unsigned char)(1 + below(255));
  fill(entry->block, entry->usable, entry->byte);
  entry->bytes = entry->usable;  // all of it is the program's
}

// ---- Steps ------------------------------------------------------------------

static char *take(enum kind kind, size_t bytes, bool *is_zeroed) {
  size_t alignment = (size_t)1 << below(14);
  bool is_plain = below(4) != 0;
  *is_zeroed = !is_manual_kind(kind);
  switch (kind) {
  case AUTOMATIC:
    return is_plain ? gc_malloc(bytes) : gc_aligned_alloc(alignment, bytes);
  case AUTOMATIC_TEXT: return gc_malloc_atomic(bytes);
  case UNCOLLECTABLE: return gc_malloc_uncollectable(bytes);
  case MANUAL:
    if (is_plain)
      return mm_malloc(bytes);
    *is_zeroed = below(2);
    return *is_zeroed ? mm_calloc(1, bytes)
                      : mm_aligned_alloc(alignment, bytes);
  case MANUAL_TEXT:
  case KINDS: break;
  }
  return mm_malloc_atomic(bytes);
}

static void step_take(struct entry *entry) {
  size_t bytes = random_size();
  bool is_zeroed;
  entry->kind = (enum kind)below(KINDS);
  entry->block = take(entry->kind, bytes, &is_zeroed);
  require(!is_zeroed || is_filled(entry->block, bytes, 0), "zeroed", entry);
  settle(entry, bytes);
}

static void step_copy_text(struct entry *entry) {
  char text[400];
  size_t length = below(sizeof text);
  memset(text, 'q', length);
  text[length] = '\0';
  bool is_manual = below(2);
  entry->kind = is_manual ? MANUAL : AUTOMATIC_TEXT;
  entry->block = is_manual ? mm_strdup(text) : gc_strdup(text);
  require(!strcmp(entry->block, text), "the text is copied", entry);
  settle(entry, length + 1);
}

static void step_resize(struct entry *entry) {
  size_t bytes = 1 + random_size();
  size_t both = bytes < entry->bytes ? bytes : entry->bytes;
  bool is_manual = is_manual_kind(entry->kind);
  size_t old_bytes = entry->bytes;
  entry->block = is_manual ? mm_realloc(entry->block, bytes)
                           : gc_realloc(entry->block, bytes);
  entry->bytes = both;
  if (both <= WHOLE_BYTES && old_bytes > WHOLE_BYTES) {
    for (size_t at = 0; at < both; at += SAMPLE_STEP)
      require(entry->block[at] == (char)entry->byte, "kept", entry);
  } else if (both == old_bytes) {
    check_contents(entry);
  } else {
    for (size_t at = 0; at < both; at += SAMPLE_STEP)
      require(entry->block[at] == (char)entry->byte, "kept", entry);
  }
  settle(entry, bytes);
}

static void step_free(struct entry *entry) {
  check_contents(entry);
  check_answers(entry);
  char *block = entry->block;
  if (is_manual_kind(entry->kind))
    mm_free(block);
  else
    gc_free(block);
  require(gc_base(block) == NULL, "a freed block is gone", entry);
  entry->block = NULL;
}

static void step_forget(struct entry *entry) {
  if (entry->kind == AUTOMATIC || entry->kind == AUTOMATIC_TEXT)
    entry->block = NULL;
}

static void check_all(void) {
  for (const struct entry *entry = table; entry < table + ENTRIES; entry++)
    if (entry->block) {
      check_contents(entry);
      check_answers(entry);
    }
}

static void take_a_step(void) {
  struct entry *entry = &table[below(ENTRIES)];
  if (!entry->block) {
    if (below(10) == 0)
      step_copy_text(entry);
    else
      step_take(entry);
    return;
  }
  size_t dice = below(100);
  if (dice < 20)
    step_resize(entry);
  else if (dice < 50)
    step_free(entry);
  else if (dice < 70)
    step_forget(entry);
  else
    check_contents(entry);
}

static struct entry sum_of(bool (*is_meant)(enum kind)) {
  struct entry sum = { NULL, 0, 0, AUTOMATIC, 0 };
  for (const struct entry *entry = table; entry < table + ENTRIES; entry++)
    if (entry->block && is_meant(entry->kind)) {
      sum.bytes++;
      sum.usable += entry->usable;
    }
  return sum;
}

static bool is_collected_kind(enum kind kind) { return kind < UNCOLLECTABLE; }
static bool is_uncollectable(enum kind kind) { return kind == UNCOLLECTABLE; }

static void the_library_agrees_with_the_model(void **state) {
  (void)state;
  seed = test_seed(__func__);
  memset(table, 1, sizeof table);  // its memory is not the library's
  memset(table, 0, sizeof table);
  size_t resident = resident_bytes();
  struct gc_stats before = stats_now();
  size_t steps = scaled(200000);
  for (step = 0; step < steps; step++) {
    take_a_step();
    if (below(2000) == 0)
      gc_collect();
    if (below(5000) == 0)
      mm_trim(below(8 * MIB));
    if (below(2000) == 0) {
      struct gc_stats now = stats_now();
      struct entry manual = sum_of(is_manual_kind);
      assert_int_equal(now.manual_blocks - before.manual_blocks, manual.bytes);
      assert_int_equal(now.manual_bytes - before.manual_bytes, manual.usable);
      assert_int_equal(now.uncollectable_bytes - before.uncollectable_bytes,
                       sum_of(is_uncollectable).usable);
      check_all();
    }
  }
  check_all();
  // What the table holds is alive, and little besides.
  collect_cleanly();
  size_t held = sum_of(is_collected_kind).usable;
  uint64_t live = stats_now().live_bytes;
  assert_true(live >= held);
  assert_true(live <= held + held / 4 + 8 * MIB);
  check_all();
  for (struct entry *entry = table; entry < table + ENTRIES; entry++)
    if (entry->block)
      step_free(entry);
  collect_cleanly();
  mm_trim(0);
  struct gc_stats after = stats_now();
  assert_int_equal(after.manual_blocks, before.manual_blocks);
  assert_true(after.live_bytes <= before.live_bytes + 8 * MIB);
  assert_true(after.heap_bytes <= before.heap_bytes + 32 * MIB);
  assert_true(resident_bytes() <= resident + resident / 10 + 8 * MIB);
}

// ---- From thread to thread --------------------------------------------------

#define MAILBOXES 2000
#define THREADS 4

// A letter knows what it is.
struct letter {
  size_t bytes;
  struct letter *enclosed;  // automatic, alive through this one alone
  enum kind kind;
  unsigned char byte;
  char text[];
};

static struct letter *mailboxes[MAILBOXES];
static uint64_t first_seed;

static void letter_fill(struct letter *letter, enum kind kind, size_t bytes,
                        unsigned char byte) {
  letter->bytes = bytes;
  letter->enclosed = NULL;
  letter->kind = kind;
  letter->byte = byte;
  fill(letter->text, bytes - sizeof *letter, byte);
}

static void letter_check(const struct letter *letter) {
  if (!is_filled(letter->text, letter->bytes - sizeof *letter, letter->byte)) {
    fprintf(stderr, "letter %p of %zu bytes changed on its way\n",
            (const void *)letter, letter->bytes);
    abort();
  }
}

static struct letter *write_letter(uint64_t *dice) {
  static const enum kind kinds[] = { AUTOMATIC, MANUAL, MANUAL,
                                     UNCOLLECTABLE };
  enum kind kind = kinds[chance(dice) % 4];
  size_t text = chance(dice) % (chance(dice) % 50 ? 500 : 100000);
  size_t bytes = sizeof(struct letter) + 1 + text;
  struct letter *letter = kind == MANUAL      ? mm_malloc(bytes)
                          : kind == AUTOMATIC ? gc_malloc(bytes)
                                              : gc_malloc_uncollectable(bytes);
  if (!letter)
    abort();
  letter_fill(letter, kind, bytes, (unsigned char)(1 + chance(dice) % 255));
  if (chance(dice) % 4 == 0) {
    size_t inner = sizeof(struct letter) + 1 + chance(dice) % 100;
    letter->enclosed = gc_malloc(inner);
    letter_fill(letter->enclosed, AUTOMATIC, inner, 0x77);
  }
  return letter;
}

static void read_letter(struct letter *letter, uint64_t *dice) {
  letter_check(letter);
  if (letter->enclosed)
    letter_check(letter->enclosed);
  if (letter->kind == MANUAL)
    mm_free(letter);
  else if (letter->kind == UNCOLLECTABLE || chance(dice) % 3 == 0)
    gc_free(letter);
}

static void *correspond(void *number) {
  uint64_t dice = first_seed + (uintptr_t)number * 1000003;
  size_t turns = scaled(30000);
  for (size_t i = 0; i < turns; i++) {
    struct letter **box = &mailboxes[chance(&dice) % MAILBOXES];
    struct letter *letter = chance(&dice) % 3 ? write_letter(&dice) : NULL;
    letter = __atomic_exchange_n(box, letter, __ATOMIC_ACQ_REL);
    if (letter)
      read_letter(letter, &dice);
    if (chance(&dice) % 20000 == 0)
      gc_collect();
  }
  return NULL;
}

static void blocks_go_from_thread_to_thread_and_memory_stays_bounded(
  void **state) {
  (void)state;
  first_seed = test_seed(__func__);
  collect_cleanly();
  struct gc_stats before = stats_now();
  for (uintptr_t wave = 0; wave < 12; wave++) {
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
      assert_int_equal(pthread_create(&threads[i], NULL, correspond,
                                      (void *)(wave * THREADS + i)),
                       0);
    for (int i = 0; i < THREADS; i++)
      pthread_join(threads[i], NULL);
    // Some 7 MB are in the mailboxes at a time.
    assert_true(stats_now().heap_bytes <= before.heap_bytes + 200 * MIB);
  }
  uint64_t dice = first_seed, manual = 0;
  for (size_t i = 0; i < MAILBOXES; i++)
    manual += mailboxes[i] && mailboxes[i]->kind == MANUAL;
  assert_int_equal(stats_now().manual_blocks - before.manual_blocks, manual);
  for (size_t i = 0; i < MAILBOXES; i++)
    if (mailboxes[i]) {
      read_letter(mailboxes[i], &dice);
      mailboxes[i] = NULL;
    }
  collect_cleanly();
  struct gc_stats after = stats_now();
  assert_int_equal(after.manual_blocks, before.manual_blocks);
  assert_int_equal(after.uncollectable_bytes, before.uncollectable_bytes);
  assert_true(after.live_bytes <= before.live_bytes + 4 * MIB);
}

// One allocates, another frees, for long: nothing piles up at either.
static struct letter *volatile belt[1024];
static volatile bool is_belt_over;

static void *take_from_the_belt(void *unused) {
  size_t at = 0;
  while (!is_belt_over || belt[at % 1024]) {
    struct letter *letter = belt[at % 1024];
    if (!letter)
      continue;
    __atomic_store_n(&belt[at % 1024], NULL, __ATOMIC_RELEASE);
    mm_free(letter);
    at++;
  }
  return unused;
}

static void what_another_thread_frees_is_used_again(void **state) {
  (void)state;
  is_belt_over = false;
  size_t most = stats_now().heap_bytes + 64 * MIB;
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, take_from_the_belt, NULL), 0);
  uint64_t blocks = stats_now().manual_blocks;
  size_t turns = scaled(2000000);
  for (size_t at = 0; at < turns; at++) {
    struct letter *letter = mm_malloc(200);
    while (__atomic_load_n(&belt[at % 1024], __ATOMIC_ACQUIRE))
      ;
    __atomic_store_n(&belt[at % 1024], letter, __ATOMIC_RELEASE);
    if (at % 200000 == 0)
      assert_true(stats_now().heap_bytes <= most);
  }
  is_belt_over = true;
  pthread_join(thread, NULL);
  assert_int_equal(stats_now().manual_blocks, blocks);
  assert_true(stats_now().heap_bytes <= most);
}

// Each thread leaves one block in a page of its own; the rest of the page is
// free, and must serve those that come after.
static void *leave_one(void *unused) {
  static const size_t sizes[] = { 40, 100, 700, 3000 };
  (void)unused;
  void **kept_blocks = mm_malloc(4 * sizeof *kept_blocks);
  for (size_t i = 0; i < 4; i++) {
    void *others[50];
    for (int n = 0; n < 50; n++)
      others[n] = mm_malloc(sizes[i]);
    kept_blocks[i] = mm_malloc(sizes[i]);
    for (int n = 0; n < 50; n++)
      mm_free(others[n]);
  }
  return kept_blocks;
}

static void pages_of_ended_threads_are_adopted(void **state) {
  (void)state;
  enum { COUNT = 2000 };
  static void **left[COUNT];
  size_t count = scaled(COUNT);
  uint64_t before = stats_now().heap_bytes;
  for (size_t i = 0; i < count; i++) {
    pthread_t thread;
    void *result;
    assert_int_equal(pthread_create(&thread, NULL, leave_one, NULL), 0);
    pthread_join(thread, &result);
    left[i] = result;
  }
  // Under 4 KiB a thread are kept: a page of each size would be 400.
  assert_true(stats_now().heap_bytes <= before + 64 * MIB);
  for (size_t i = 0; i < count; i++) {
    for (size_t n = 0; n < 4; n++)
      mm_free(left[i][n]);
    mm_free(left[i]);
    left[i] = NULL;
  }
  assert_int_equal(stats_now().threads, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_library_agrees_with_the_model),
    cmocka_unit_test(blocks_go_from_thread_to_thread_and_memory_stays_bounded),
    cmocka_unit_test(what_another_thread_frees_is_used_again),
    cmocka_unit_test(pages_of_ended_threads_are_adopted),
  };
  return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
