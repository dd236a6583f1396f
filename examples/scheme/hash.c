/* hash.c -- hash tables: chains of entries under an array that doubles.
 *
 * Keys compare by equal?, or by eqv? when the table says so.  Addresses serve
 * as hashes of what has identity: nothing here ever moves.
 */

#include "hash.h"

#include <string.h>

#include "error.h"
#include "number.h"
#include "value.h"

struct entry {
  struct entry *next;
  value key, content;
  size_t hash;
};

struct table {
  struct object head; /* flags: 1 if keys compare by eqv? */
  struct entry **chains;
  size_t size; /* a power of two */
  size_t count;
};

/* ---- Hashing ------------------------------------------------------------ */

static size_t mix(size_t hash, size_t word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
  return hash ^ hash >> 29;
}

static size_t hash_bytes(const void *bytes, size_t length) {
  size_t hash = length;
  for (size_t i = 0; i < length; i++)
    hash = mix(hash, ((const unsigned char *)bytes)[i]);
  return hash;
}

static size_t hash_eqv(value key) {
  if (is_flonum(key) || is_bignum(key))
    return mix(0, number_hash(key));
  return mix(0, key);
}

/* Looks at a bounded part of a large structure. */
static size_t hash_equal(value key, unsigned effort) {
  size_t hash = 1;
  for (; is_pair(key) && effort > 0; key = cdr(key), effort--)
    hash = mix(hash, hash_equal(car(key), effort / 2));
  if (is_pair(key) || effort == 0)
    return hash;
  if (is_string(key))
    return mix(hash,
               hash_bytes(string_of(key)->text, string_of(key)->bytes));
  if (is_type(key, T_BYTES))
    return mix(hash, hash_bytes(bytes_of(key)->items, bytes_of(key)->length));
  if (!is_vector(key))
    return mix(hash, hash_eqv(key));
  size_t length = vector_of(key)->length;
  for (size_t i = 0; i < length && i < effort; i++)
    hash = mix(hash, hash_equal(vector_of(key)->items[i], effort / 2));
  return mix(hash, length);
}

static size_t hash_of(const struct table *table, value key) {
  return table->head.flags ? hash_eqv(key) : hash_equal(key, 32);
}

/* ---- Tables ------------------------------------------------------------- */

static struct table *check_table(const char *who, value v) {
  if (!is_type(v, T_TABLE))
    error_wrong_type(who, "a hash table", v);
  return (struct table *)v;
}

/* Where the pointer to the entry of `key` is, or would be. */
static struct entry **find(struct table *table, value key, size_t hash) {
  struct entry **link = &table->chains[hash & (table->size - 1)];
  for (; *link != NULL; link = &(*link)->next)
    if ((*link)->hash == hash
        && (table->head.flags ? is_eqv((*link)->key, key)
                              : is_equal((*link)->key, key)))
      break;
  return link;
}

static void resize(struct table *table, size_t size) {
  struct entry **chains
    = allocate(checked_size(size, sizeof *chains, 0));
  for (size_t i = 0; i < table->size; i++)
    for (struct entry *e = table->chains[i], *next; e != NULL; e = next) {
      next = e->next;
      e->next = chains[e->hash & (size - 1)];
      chains[e->hash & (size - 1)] = e;
    }
  table->chains = chains;
  table->size = size;
}

static void set(struct table *table, value key, value content) {
  size_t hash = hash_of(table, key);
  struct entry **link = find(table, key, hash);
  if (*link != NULL) {
    (*link)->content = content;
    return;
  }
  struct entry *entry = allocate(sizeof *entry);
  *entry = (struct entry){ NULL, key, content, hash };
  *link = entry;
  if (++table->count > table->size)
    resize(table, 2 * table->size);
}

/* ---- Primitives --------------------------------------------------------- */

static value new_table(uint32_t flags) {
  struct table *table = new_object(T_TABLE, sizeof *table);
  table->head.flags = flags;
  resize(table, 8);
  return from_object(table);
}

/* Takes an equality, and a hash function which is not needed. */
static value prim_make(size_t count, value *args) {
  bool by_identity
    = count > 0
      && (args[0] == symbol_of(symbol("eq?"))->primitive
          || args[0] == symbol_of(symbol("eqv?"))->primitive);
  return new_table(by_identity);
}

static value prim_make_eqv(size_t count, value *args) {
  (void)count, (void)args;
  return new_table(1);
}

static value prim_is_table(size_t count, value *args) {
  (void)count;
  return boolean(is_type(args[0], T_TABLE));
}

/* (%hash-table-ref table key default) */
static value prim_ref(size_t count, value *args) {
  (void)count;
  struct table *table = check_table("hash-table-ref", args[0]);
  struct entry *e = *find(table, args[1], hash_of(table, args[1]));
  return e == NULL ? args[2] : e->content;
}

static value prim_set(size_t count, value *args) {
  (void)count;
  set(check_table("hash-table-set!", args[0]), args[1], args[2]);
  return UNSPECIFIED;
}

static value prim_delete(size_t count, value *args) {
  (void)count;
  struct table *table = check_table("hash-table-delete!", args[0]);
  struct entry **link = find(table, args[1], hash_of(table, args[1]));
  if (*link != NULL) {
    *link = (*link)->next;
    table->count--;
  }
  return UNSPECIFIED;
}

static value prim_contains(size_t count, value *args) {
  (void)count;
  struct table *table = check_table("hash-table-contains?", args[0]);
  return boolean(*find(table, args[1], hash_of(table, args[1])) != NULL);
}

static value prim_count(size_t count, value *args) {
  (void)count;
  return fixnum(
    (intptr_t)check_table("hash-table-count", args[0])->count);
}

/* All entries as a list of (key . content). */
static value prim_to_alist(size_t count, value *args) {
  (void)count;
  struct table *table = check_table("hash-table->alist", args[0]);
  value list = NIL;
  for (size_t i = 0; i < table->size; i++)
    for (struct entry *e = table->chains[i]; e != NULL; e = e->next)
      list = cons(cons(e->key, e->content), list);
  return list;
}

static value prim_clear(size_t count, value *args) {
  (void)count;
  struct table *table = check_table("hash-table-clear!", args[0]);
  table->count = table->size = 0;
  resize(table, 8);
  return UNSPECIFIED;
}

static value prim_copy(size_t count, value *args) {
  (void)count;
  struct table *table = check_table("hash-table-copy", args[0]);
  value copy = new_table(table->head.flags);
  for (size_t i = 0; i < table->size; i++)
    for (struct entry *e = table->chains[i]; e != NULL; e = e->next)
      set((struct table *)copy, e->key, e->content);
  return copy;
}

static value prim_hash(size_t count, value *args) {
  (void)count;
  return fixnum((intptr_t)(hash_equal(args[0], 32) >> 2));
}

void hash_install(void) {
  static const struct primitive_entry entries[] = {
    { "make-hash-table", prim_make, 0, MANY },
    { "make-equal-hash-table", prim_make, 0, 1 },
    { "make-string-hash-table", prim_make, 0, 1 },
    { "make-eqv-hash-table", prim_make_eqv, 0, 1 },
    { "make-eq-hash-table", prim_make_eqv, 0, 1 },
    { "hash-table?", prim_is_table, 1, 1 },
    { "%hash-table-ref", prim_ref, 3, 3 },
    { "hash-table-ref/default", prim_ref, 3, 3 },
    { "hash-table-set!", prim_set, 3, 3 },
    { "hash-table-delete!", prim_delete, 2, 2 },
    { "hash-table-contains?", prim_contains, 2, 2 },
    { "hash-table-exists?", prim_contains, 2, 2 },
    { "hash-table-count", prim_count, 1, 1 },
    { "hash-table-size", prim_count, 1, 1 },
    { "hash-table->alist", prim_to_alist, 1, 1 },
    { "hash-table-clear!", prim_clear, 1, 1 },
    { "hash-table-copy", prim_copy, 1, 2 },
    { "hash", prim_hash, 1, 2 },
  };
  define_primitives(entries, COUNT_OF(entries));
}
