// ranges.c -- see ranges.h

#include "roots/ranges.h"

#include <errno.h>
#include <string.h>

#include "heap/heap.h"
#include "heap/meta.h"

#define FIRST_CAPACITY 8

struct lock ranges_lock = LOCK_INIT(LOCK_ROOTS);

struct table {
  struct range *ranges;
  size_t count, capacity;
};

static struct table roots, excluded, stacks, guesses;

// ---- A table that grows ---------------------------------------------------------------

static int table_reserve(struct table *table, size_t count) {
  if (count <= table->capacity)
    return 0;
  size_t capacity = table->capacity ? table->capacity : FIRST_CAPACITY;
  while (capacity < count)
    capacity *= 2;
  lock_take(&heap_lock);
  struct range *grown =
    meta_allocate(META_TABLES, capacity * sizeof *grown);
  if (grown) {
    if (table->count)
      memcpy(grown, table->ranges, table->count * sizeof *grown);
    if (table->ranges)
      meta_free(META_TABLES, table->ranges,
                table->capacity * sizeof *grown);
    table->ranges = grown;
    table->capacity = capacity;
  }
  lock_release(&heap_lock);
  return grown ? 0 : -ENOMEM;
}

static int table_add(struct table *table, struct range range) {
  int error = table_reserve(table, table->count + 1);
  if (!error)
    table->ranges[table->count++] = range;
  return error;
}

static void table_drop(struct table *table, size_t i) {
  table->ranges[i] = table->ranges[--table->count];
}

static size_t table_find_low(const struct table *table, uintptr_t low) {
  size_t i = 0;
  while (i < table->count && table->ranges[i].low != low)
    i++;
  return i;
}

static bool overlap(struct range a, struct range b) {
  return a.low < b.high && b.low < a.high;
}

// Takes `range` out of every range of the table; room for `count` more entries
// must be reserved, since each may fall into two.
static void table_subtract(struct table *table, struct range range) {
  for (size_t i = 0; i < table->count;) {
    struct range old = table->ranges[i];
    if (!overlap(old, range)) {
      i++;
      continue;
    }
    table_drop(table, i);
    struct range before = { old.low, range.low };
    struct range after = { range.high, old.high };
    if (!range_is_empty(before))
      table->ranges[table->count++] = before;
    if (!range_is_empty(after))
      table->ranges[table->count++] = after;
  }
}

// ---- Ranges -----------------------------------------------------------------------------

int ranges_add(struct range range) {
  if (range.high < range.low)
    return -EINVAL;
  if (range_is_empty(range))
    return 0;
  lock_take(&ranges_lock);
  int error = table_add(&roots, range);
  lock_release(&ranges_lock);
  return error;
}

int ranges_remove(struct range range) {
  if (range.high < range.low)
    return -EINVAL;
  lock_take(&ranges_lock);
  int error = table_reserve(&roots, 2 * roots.count + 1);
  if (!error)
    table_subtract(&roots, range);
  lock_release(&ranges_lock);
  return error;
}

int ranges_exclude(struct range range) {
  if (range.high < range.low)
    return -EINVAL;
  if (range_is_empty(range))
    return 0;
  lock_take(&ranges_lock);
  int error = table_add(&excluded, range);
  lock_release(&ranges_lock);
  return error;
}

int ranges_include(struct range range) {
  lock_take(&ranges_lock);
  size_t i = 0;
  while (i < excluded.count
         && (excluded.ranges[i].low != range.low
             || excluded.ranges[i].high != range.high))
    i++;
  bool is_known = i < excluded.count;
  if (is_known)
    table_drop(&excluded, i);
  lock_release(&ranges_lock);
  return is_known ? 0 : -ENOENT;
}

int ranges_add_stack(struct range stack) {
  if (stack.high <= stack.low)
    return -EINVAL;
  lock_take(&ranges_lock);
  bool is_known = table_find_low(&stacks, stack.low) < stacks.count;
  int error = is_known ? -EEXIST : table_add(&stacks, stack);
  lock_release(&ranges_lock);
  return error;
}

static bool table_remove_low(struct table *table, uintptr_t low) {
  lock_take(&ranges_lock);
  size_t i = table_find_low(table, low);
  bool is_known = i < table->count;
  if (is_known)
    table_drop(table, i);
  lock_release(&ranges_lock);
  return is_known;
}

int ranges_remove_stack(uintptr_t low) {
  bool was_guessed = table_remove_low(&guesses, low);
  return table_remove_low(&stacks, low) || was_guessed ? 0 : -ENOENT;
}

int ranges_add_guess(struct range stack) {
  if (stack.high <= stack.low)
    return -EINVAL;
  lock_take(&ranges_lock);
  for (size_t i = guesses.count; i-- > 0;)
    if (overlap(guesses.ranges[i], stack))
      table_drop(&guesses, i);
  int error = table_add(&guesses, stack);
  lock_release(&ranges_lock);
  return error;
}

void ranges_remove_guess(uintptr_t low) {
  (void)table_remove_low(&guesses, low);
}

// ---- Visiting ---------------------------------------------------------------------------

void ranges_visit_roots(range_visitor visit, void *context) {
  for (size_t i = 0; i < roots.count; i++)
    ranges_visit_included(roots.ranges[i], visit, context);
}

void ranges_visit_stacks(range_visitor visit, void *context) {
  for (size_t i = 0; i < stacks.count; i++)
    visit(stacks.ranges[i], context);
  for (size_t i = 0; i < guesses.count; i++)
    visit(guesses.ranges[i], context);
}

// The lowest excluded range that overlaps `range`; empty if none does.
static struct range first_excluded(struct range range) {
  struct range first = { 0, 0 };
  for (size_t i = 0; i < excluded.count; i++)
    if (overlap(excluded.ranges[i], range)
        && (range_is_empty(first) || excluded.ranges[i].low < first.low))
      first = excluded.ranges[i];
  return first;
}

void ranges_visit_included(struct range range, range_visitor visit,
                           void *context) {
  while (!range_is_empty(range)) {
    struct range hole = first_excluded(range);
    if (range_is_empty(hole)) {
      visit(range, context);
      return;
    }
    struct range before = { range.low, hole.low };
    if (!range_is_empty(before))
      visit(before, context);
    range.low = hole.high;
  }
}

static struct range table_range_of(const struct table *table,
                                   uintptr_t address) {
  for (size_t i = 0; i < table->count; i++)
    if (range_has(table->ranges[i], address))
      return table->ranges[i];
  return (struct range){ 0, 0 };
}

struct range ranges_stack_of(uintptr_t address) {
  struct range stack = table_range_of(&stacks, address);
  return range_is_empty(stack) ? table_range_of(&guesses, address) : stack;
}
