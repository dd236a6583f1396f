/* value.c -- making values, comparing them, and the table of symbols.
 *
 * Everything the interpreter allocates passes through allocate() or
 * allocate_atomic() here, and so through regime.h.
 */

#include "value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "number.h"
#include "regime.h"

/* ---- Memory ------------------------------------------------------------- */

void *allocate(size_t bytes) {
  void *memory = regime_alloc(bytes);
  if (memory == NULL)
    error_out_of_memory();
  return memory;
}

void *allocate_atomic(size_t bytes) {
  void *memory = regime_alloc_atomic(bytes);
  if (memory == NULL)
    error_out_of_memory();
  return memory;
}

void *allocate_more(const void *old, size_t old_bytes, size_t new_bytes) {
  void *memory = allocate(new_bytes);
  if (old_bytes > 0)
    memcpy(memory, old, old_bytes);
  return memory;
}

size_t checked_size(size_t count, size_t bytes, size_t extra) {
  size_t size;
  if (__builtin_mul_overflow(count, bytes, &size)
      || __builtin_add_overflow(size, extra, &size) || size > PTRDIFF_MAX)
    error_out_of_memory();
  return size;
}

void *new_object(enum type type, size_t bytes) {
  struct object *object = allocate(bytes);
  object->type = type;
  return object;
}

/* ---- Constructors ------------------------------------------------------- */

value cons(value car, value cdr) {
  struct pair *pair = allocate(sizeof *pair);
  pair->car = car;
  pair->cdr = cdr;
  return (value)pair + 2;
}

value flonum(double number) {
  struct flonum *f = allocate_atomic(sizeof *f);
  f->head = (struct object){ .type = T_FLONUM };
  f->number = number;
  return from_object(f);
}

static size_t count_characters(const char *text, size_t bytes) {
  size_t count = 0;
  for (size_t i = 0; i < bytes; i++)
    count += ((unsigned char)text[i] & 0xc0) != 0x80;
  return count;
}

value string_of_bytes(const char *text, size_t bytes) {
  struct string *s = new_object(T_STRING, sizeof *s);
  s->text = allocate_atomic(checked_size(bytes, 1, 1));
  if (bytes > 0)
    memcpy(s->text, text, bytes);
  s->text[bytes] = '\0';
  s->bytes = bytes;
  s->length = count_characters(text, bytes);
  return from_object(s);
}

value string_of_text(const char *text) {
  return string_of_bytes(text, strlen(text));
}

value vector(enum type type, size_t length, value fill) {
  size_t bytes = checked_size(length, sizeof(value), sizeof(struct vector));
  struct vector *v = new_object(type, bytes);
  v->length = length;
  for (size_t i = 0; i < length; i++)
    v->items[i] = fill;
  return from_object(v);
}

value bytevector(size_t length) {
  struct bytes *b = new_object(T_BYTES, sizeof *b);
  b->items = allocate_atomic(checked_size(length, 1, 1));
  memset(b->items, 0, length);
  b->length = length;
  return from_object(b);
}

value list_of(size_t count, ...) {
  value items[16];
  va_list rest;
  va_start(rest, count);
  for (size_t i = 0; i < count; i++)
    items[i] = va_arg(rest, value);
  va_end(rest);
  value list = NIL;
  while (count > 0)
    list = cons(items[--count], list);
  return list;
}

/* ---- Symbols ------------------------------------------------------------ */

static struct {
  struct symbol **chains;
  size_t size; /* a power of two */
  size_t count;
} symbols;

static size_t hash_name(const char *name, size_t bytes) {
  size_t hash = 14695981039346656037u; /* FNV-1a */
  for (size_t i = 0; i < bytes; i++)
    hash = (hash ^ (unsigned char)name[i]) * 1099511628211u;
  return hash;
}

static void grow_symbols(void) {
  size_t old_size = symbols.size;
  struct symbol **old = symbols.chains;
  symbols.size = old_size ? 2 * old_size : 1024;
  symbols.chains = allocate(symbols.size * sizeof *symbols.chains);
  for (size_t i = 0; i < old_size; i++)
    for (struct symbol *s = old[i], *next; s != NULL; s = next) {
      size_t slot = hash_name(s->name, strlen(s->name)) & (symbols.size - 1);
      next = s->next;
      s->next = symbols.chains[slot];
      symbols.chains[slot] = s;
    }
}

static struct symbol *new_symbol(const char *name, size_t bytes) {
  struct symbol *s = new_object(T_SYMBOL, sizeof *s);
  char *copy = allocate_atomic(bytes + 1);
  memcpy(copy, name, bytes);
  copy[bytes] = '\0';
  s->name = copy;
  s->global = UNDEFINED;
  s->syntax = FALSE;
  s->primitive = FALSE;
  return s;
}

value symbol_of_bytes(const char *name, size_t bytes) {
  if (symbols.count >= symbols.size)
    grow_symbols();
  size_t slot = hash_name(name, bytes) & (symbols.size - 1);
  for (struct symbol *s = symbols.chains[slot]; s != NULL; s = s->next)
    if (strlen(s->name) == bytes && memcmp(s->name, name, bytes) == 0)
      return from_object(s);
  struct symbol *s = new_symbol(name, bytes);
  s->next = symbols.chains[slot];
  symbols.chains[slot] = s;
  symbols.count++;
  return from_object(s);
}

value symbol(const char *name) {
  return symbol_of_bytes(name, strlen(name));
}

/* A symbol that no text can name: it is in no chain. */
value fresh_symbol(void) {
  static unsigned serial;
  char name[32];
  int bytes = snprintf(name, sizeof name, "g%u", ++serial);
  return from_object(new_symbol(name, (size_t)bytes));
}

/* ---- Lists and comparing ------------------------------------------------ */

ptrdiff_t list_length(value list) {
  ptrdiff_t length = 0;
  value slow = list; /* falls behind by half: meets `list` on a circle */
  for (; is_pair(list); list = cdr(list)) {
    length++;
    if (length % 2 == 0 && (slow = cdr(slow)) == list && length > 2)
      return -1;
  }
  return list == NIL ? length : -1;
}

value list_reverse(value list) {
  value result = NIL;
  for (; is_pair(list); list = cdr(list))
    result = cons(car(list), result);
  return result;
}

bool is_eqv(value a, value b) {
  if (a == b)
    return true;
  if (!is_object(a) || !is_object(b))
    return false;
  enum type type = object_of(a)->type;
  if (type != object_of(b)->type)
    return false;
  if (type == T_FLONUM || type == T_BIGNUM)
    return number_is_same(a, b);
  return type == T_STRING && string_of(a)->bytes == 0
         && string_of(b)->bytes == 0;
}

static bool equal_within(value a, value b, unsigned depth);

static bool equal_objects(value a, value b, unsigned depth) {
  if (is_string(a) && is_string(b))
    return string_of(a)->bytes == string_of(b)->bytes
           && memcmp(string_of(a)->text, string_of(b)->text,
                     string_of(a)->bytes) == 0;
  if (is_type(a, T_BYTES) && is_type(b, T_BYTES))
    return bytes_of(a)->length == bytes_of(b)->length
           && memcmp(bytes_of(a)->items, bytes_of(b)->items,
                     bytes_of(a)->length) == 0;
  if (!is_vector(a) || !is_vector(b)
      || vector_of(a)->length != vector_of(b)->length)
    return false;
  for (size_t i = 0; i < vector_of(a)->length; i++)
    if (!equal_within(vector_of(a)->items[i], vector_of(b)->items[i], depth))
      return false;
  return true;
}

static bool equal_within(value a, value b, unsigned depth) {
  if (depth == 0)
    error_raise_message("equal?: structure nested too deeply", NIL);
  for (; is_pair(a) && is_pair(b); a = cdr(a), b = cdr(b)) {
    if (a == b)
      return true;
    if (!equal_within(car(a), car(b), depth - 1))
      return false;
  }
  return is_eqv(a, b) || equal_objects(a, b, depth - 1);
}

bool is_equal(value a, value b) {
  return equal_within(a, b, 10000);
}

/* ---- Primitives --------------------------------------------------------- */

static void define_primitive(const struct primitive_entry *entry,
                             uint32_t flags) {
  struct primitive *p = new_object(T_PRIMITIVE, sizeof *p);
  p->head.flags = flags;
  p->name = entry->name;
  p->min = entry->min;
  p->max = entry->max;
  p->call = entry->call;
  struct symbol *name = symbol_of(symbol(entry->name));
  name->global = name->primitive = from_object(p);
}

void define_primitives(const struct primitive_entry *entries, size_t count) {
  for (size_t i = 0; i < count; i++)
    define_primitive(&entries[i], 0);
}

void define_control_primitives(const struct primitive_entry *entries,
                               size_t count) {
  for (size_t i = 0; i < count; i++)
    define_primitive(&entries[i], 1);
}
