/* library.c -- pairs, lists, vectors, bytevectors, records, promises, and
 * putting the whole library together. */

#include "library.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compile.h"
#include "error.h"
#include "expand.h"
#include "hash.h"
#include "machine.h"
#include "number.h"
#include "port.h"
#include "prelude.h"
#include "reader.h"
#include "regime.h"
#include "text.h"

value library_primitive(const char *name) {
  return symbol_of(symbol(name))->primitive;
}

/* ---- Types and equality ------------------------------------------------- */

#define QUESTION(function, answer)                   \
  static value function(size_t count, value *args) { \
    (void)count;                                     \
    value v = args[0];                               \
    return boolean(answer);                          \
  }
QUESTION(is_pair_p, is_pair(v))
QUESTION(is_null_p, v == NIL)
QUESTION(is_list_p, list_length(v) >= 0)
QUESTION(is_symbol_p, is_symbol(v))
QUESTION(is_string_p, is_string(v))
QUESTION(is_char_p, is_char(v))
QUESTION(is_boolean_p, v == TRUE || v == FALSE)
QUESTION(is_vector_p, is_vector(v))
QUESTION(is_bytevector_p, is_type(v, T_BYTES))
QUESTION(is_procedure_p,
         is_type(v, T_CLOSURE) || is_type(v, T_PRIMITIVE)
           || is_type(v, T_CONTINUATION) || is_type(v, T_PARAMETER))
QUESTION(is_eof_p, v == END_OF_FILE)
QUESTION(is_promise_p, is_type(v, T_PROMISE))
QUESTION(is_error_p, is_type(v, T_ERROR))
QUESTION(is_port_p, is_type(v, T_PORT))
QUESTION(is_input_port_p, is_type(v, T_PORT) && port_of(v)->is_input)
QUESTION(is_output_port_p, is_type(v, T_PORT) && !port_of(v)->is_input)
QUESTION(is_file_error_p,
         is_type(v, T_ERROR) && error_of(v)->kind == symbol("file-error"))
QUESTION(is_read_error_p,
         is_type(v, T_ERROR) && error_of(v)->kind == symbol("read-error"))
QUESTION(not_p, v == FALSE)
#undef QUESTION

static value prim_eq(size_t count, value *args) {
  (void)count;
  return boolean(args[0] == args[1]);
}

static value prim_eqv(size_t count, value *args) {
  (void)count;
  return boolean(is_eqv(args[0], args[1]));
}

static value prim_equal(size_t count, value *args) {
  (void)count;
  return boolean(is_equal(args[0], args[1]));
}

/* ---- Pairs and lists ---------------------------------------------------- */

static value prim_cons(size_t count, value *args) {
  (void)count;
  return cons(args[0], args[1]);
}

/* `path` is what stands between c and r, applied from its end. */
static value follow(const char *name, const char *path, value v) {
  value result = v;
  for (size_t i = strlen(path); i > 0; i--) {
    if (!is_pair(result))
      error_wrong_type(name, i == 1 && path[1] == '\0' ? "a pair"
                                                       : "long enough", v);
    result = path[i - 1] == 'a' ? car(result) : cdr(result);
  }
  return result;
}

#define ACCESSOR(path)                                 \
  static value prim_c##path##r(size_t count, value *args) { \
    (void)count;                                       \
    return follow("c" #path "r", #path, args[0]);      \
  }
ACCESSOR(a) ACCESSOR(d)
ACCESSOR(aa) ACCESSOR(ad) ACCESSOR(da) ACCESSOR(dd)
ACCESSOR(aaa) ACCESSOR(aad) ACCESSOR(ada) ACCESSOR(add)
ACCESSOR(daa) ACCESSOR(dad) ACCESSOR(dda) ACCESSOR(ddd)
ACCESSOR(addd) ACCESSOR(dddd)
#undef ACCESSOR

static struct pair *check_pair(const char *who, value v) {
  if (!is_pair(v))
    error_wrong_type(who, "a pair", v);
  return pair_of(v);
}

static value prim_set_car(size_t count, value *args) {
  (void)count;
  check_pair("set-car!", args[0])->car = args[1];
  return UNSPECIFIED;
}

static value prim_set_cdr(size_t count, value *args) {
  (void)count;
  check_pair("set-cdr!", args[0])->cdr = args[1];
  return UNSPECIFIED;
}

static value prim_list(size_t count, value *args) {
  value list = NIL;
  while (count > 0)
    list = cons(args[--count], list);
  return list;
}

static value prim_cons_star(size_t count, value *args) {
  value list = args[--count];
  while (count > 0)
    list = cons(args[--count], list);
  return list;
}

static size_t check_count(const char *who, value v) {
  if (!is_fixnum(v) || fixnum_of(v) < 0)
    error_wrong_type(who, "a count", v);
  return (size_t)fixnum_of(v);
}

static value prim_make_list(size_t count, value *args) {
  value list = NIL, fill = count > 1 ? args[1] : UNSPECIFIED;
  for (size_t i = check_count("make-list", args[0]); i > 0; i--)
    list = cons(fill, list);
  return list;
}

static size_t check_list(const char *who, value v) {
  ptrdiff_t length = list_length(v);
  if (length < 0)
    error_wrong_type(who, "a proper list", v);
  return (size_t)length;
}

static value prim_length(size_t count, value *args) {
  (void)count;
  return fixnum((intptr_t)check_list("length", args[0]));
}

static value prim_append(size_t count, value *args) {
  if (count == 0)
    return NIL;
  value result = args[--count];
  while (count > 0) {
    value list = args[--count], head = NIL, *tail = &head;
    check_list("append", list);
    for (; is_pair(list); list = cdr(list)) {
      *tail = cons(car(list), NIL);
      tail = &pair_of(*tail)->cdr;
    }
    *tail = result;
    result = head;
  }
  return result;
}

static value prim_reverse(size_t count, value *args) {
  (void)count;
  check_list("reverse", args[0]);
  return list_reverse(args[0]);
}

static value list_tail(const char *who, value list, value index) {
  for (size_t i = check_count(who, index); i > 0; i--)
    list = check_pair(who, list)->cdr;
  return list;
}

static value prim_list_tail(size_t count, value *args) {
  (void)count;
  return list_tail("list-tail", args[0], args[1]);
}

static value prim_list_ref(size_t count, value *args) {
  (void)count;
  value tail = list_tail("list-ref", args[0], args[1]);
  return check_pair("list-ref", tail)->car;
}

static value prim_list_copy(size_t count, value *args) {
  (void)count;
  value both[2] = { args[0], NIL };
  return prim_append(2, both);
}

static bool is_same_word(value a, value b) { return a == b; }

typedef bool (*equality)(value, value);

static value find_member(const char *who, equality is_same, value key,
                         value list) {
  for (value rest = list; is_pair(rest); rest = cdr(rest))
    if (is_same(key, car(rest)))
      return rest;
  check_list(who, list);
  return FALSE;
}

static value find_pair(const char *who, equality is_same, value key,
                       value list) {
  for (value rest = list; is_pair(rest); rest = cdr(rest))
    if (is_same(key, check_pair(who, car(rest))->car))
      return car(rest);
  check_list(who, list);
  return FALSE;
}

#define SEARCH(function, search, name, equality)     \
  static value function(size_t count, value *args) { \
    (void)count;                                     \
    return search(name, equality, args[0], args[1]); \
  }
SEARCH(prim_memq, find_member, "memq", is_same_word)
SEARCH(prim_memv, find_member, "memv", is_eqv)
SEARCH(prim_member, find_member, "member", is_equal)
SEARCH(prim_assq, find_pair, "assq", is_same_word)
SEARCH(prim_assv, find_pair, "assv", is_eqv)
SEARCH(prim_assoc, find_pair, "assoc", is_equal)
#undef SEARCH

/* ---- Vectors ------------------------------------------------------------ */

static struct vector *check_vector(const char *who, value v) {
  if (!is_vector(v))
    error_wrong_type(who, "a vector", v);
  return vector_of(v);
}

static size_t check_index(const char *who, value index, size_t below) {
  if (!is_fixnum(index))
    error_wrong_type(who, "an index", index);
  if (fixnum_of(index) < 0 || (size_t)fixnum_of(index) >= below)
    error_raise_who(who, "index out of range", index);
  return (size_t)fixnum_of(index);
}

struct range { size_t start, end; };

/* Optional indices args[i] and args[i + 1] into something of `length`. */
static struct range check_range(const char *who, size_t count, value *args,
                                size_t i, size_t length) {
  struct range range = { 0, length };
  if (i < count)
    range.start = check_index(who, args[i], length + 1);
  if (i + 1 < count)
    range.end = check_index(who, args[i + 1], length + 1);
  if (range.start > range.end)
    error_raise_who(who, "start after end", args[i]);
  return range;
}

static value prim_make_vector(size_t count, value *args) {
  return vector(T_VECTOR, check_count("make-vector", args[0]),
                count > 1 ? args[1] : fixnum(0));
}

static value prim_vector(size_t count, value *args) {
  value v = vector(T_VECTOR, count, NIL);
  if (count > 0)
    memcpy(vector_of(v)->items, args, count * sizeof *args);
  return v;
}

static value prim_vector_length(size_t count, value *args) {
  (void)count;
  return fixnum((intptr_t)check_vector("vector-length", args[0])->length);
}

static value prim_vector_ref(size_t count, value *args) {
  (void)count;
  struct vector *v = check_vector("vector-ref", args[0]);
  return v->items[check_index("vector-ref", args[1], v->length)];
}

static value prim_vector_set(size_t count, value *args) {
  (void)count;
  struct vector *v = check_vector("vector-set!", args[0]);
  v->items[check_index("vector-set!", args[1], v->length)] = args[2];
  return UNSPECIFIED;
}

static value prim_vector_to_list(size_t count, value *args) {
  struct vector *v = check_vector("vector->list", args[0]);
  struct range r = check_range("vector->list", count, args, 1, v->length);
  return prim_list(r.end - r.start, v->items + r.start);
}

static value prim_list_to_vector(size_t count, value *args) {
  (void)count;
  size_t length = check_list("list->vector", args[0]);
  value v = vector(T_VECTOR, length, NIL), list = args[0];
  for (size_t i = 0; i < length; i++, list = cdr(list))
    vector_of(v)->items[i] = car(list);
  return v;
}

static value prim_vector_fill(size_t count, value *args) {
  struct vector *v = check_vector("vector-fill!", args[0]);
  struct range r = check_range("vector-fill!", count, args, 2, v->length);
  for (size_t i = r.start; i < r.end; i++)
    v->items[i] = args[1];
  return UNSPECIFIED;
}

static value prim_vector_copy(size_t count, value *args) {
  struct vector *v = check_vector("vector-copy", args[0]);
  struct range r = check_range("vector-copy", count, args, 1, v->length);
  return prim_vector(r.end - r.start, v->items + r.start);
}

static value prim_vector_copy_to(size_t count, value *args) {
  struct vector *to = check_vector("vector-copy!", args[0]);
  size_t at = check_index("vector-copy!", args[1], to->length + 1);
  struct vector *from = check_vector("vector-copy!", args[2]);
  struct range r = check_range("vector-copy!", count, args, 3, from->length);
  if (r.end - r.start > to->length - at)
    error_raise_who("vector-copy!", "index out of range", args[1]);
  memmove(to->items + at, from->items + r.start,
          (r.end - r.start) * sizeof *to->items);
  return UNSPECIFIED;
}

static value prim_vector_append(size_t count, value *args) {
  size_t length = 0, at = 0;
  for (size_t i = 0; i < count; i++)
    length += check_vector("vector-append", args[i])->length;
  value v = vector(T_VECTOR, length, NIL);
  for (size_t i = 0; i < count; i++) {
    struct vector *part = vector_of(args[i]);
    memcpy(vector_of(v)->items + at, part->items,
           part->length * sizeof *part->items);
    at += part->length;
  }
  return v;
}

/* ---- Bytevectors -------------------------------------------------------- */

static struct bytes *check_bytes(const char *who, value v) {
  if (!is_type(v, T_BYTES))
    error_wrong_type(who, "a bytevector", v);
  return bytes_of(v);
}

static uint8_t check_byte(const char *who, value v) {
  if (!is_fixnum(v) || fixnum_of(v) < 0 || fixnum_of(v) > 255)
    error_wrong_type(who, "a byte", v);
  return (uint8_t)fixnum_of(v);
}

static value prim_make_bytevector(size_t count, value *args) {
  uint8_t fill = count > 1 ? check_byte("make-bytevector", args[1]) : 0;
  value b = bytevector(check_count("make-bytevector", args[0]));
  memset(bytes_of(b)->items, fill, bytes_of(b)->length);
  return b;
}

static value prim_bytevector(size_t count, value *args) {
  value b = bytevector(count);
  for (size_t i = 0; i < count; i++)
    bytes_of(b)->items[i] = check_byte("bytevector", args[i]);
  return b;
}

static value prim_bytevector_length(size_t count, value *args) {
  (void)count;
  return fixnum(
    (intptr_t)check_bytes("bytevector-length", args[0])->length);
}

static value prim_bytevector_ref(size_t count, value *args) {
  (void)count;
  struct bytes *b = check_bytes("bytevector-u8-ref", args[0]);
  return fixnum(
    b->items[check_index("bytevector-u8-ref", args[1], b->length)]);
}

static value prim_bytevector_set(size_t count, value *args) {
  (void)count;
  struct bytes *b = check_bytes("bytevector-u8-set!", args[0]);
  b->items[check_index("bytevector-u8-set!", args[1], b->length)]
    = check_byte("bytevector-u8-set!", args[2]);
  return UNSPECIFIED;
}

static value prim_bytevector_copy(size_t count, value *args) {
  struct bytes *b = check_bytes("bytevector-copy", args[0]);
  struct range r = check_range("bytevector-copy", count, args, 1, b->length);
  value copy = bytevector(r.end - r.start);
  memcpy(bytes_of(copy)->items, b->items + r.start, r.end - r.start);
  return copy;
}

/* ---- Records, promises, parameters, errors ------------------------------ */

static value prim_make_record_type(size_t count, value *args) {
  (void)count;
  struct record_type *type = new_object(T_RECORD_TYPE, sizeof *type);
  type->name = args[0];
  type->fields = args[1];
  return from_object(type);
}

/* (%record type field ...) */
static value prim_record(size_t count, value *args) {
  struct record *r
    = new_object(T_RECORD, sizeof *r + (count - 1) * sizeof *r->fields);
  r->type = args[0];
  memcpy(r->fields, args + 1, (count - 1) * sizeof *args);
  return from_object(r);
}

static bool is_record_of(value v, value type) {
  return is_type(v, T_RECORD) && ((struct record *)v)->type == type;
}

static value prim_is_record(size_t count, value *args) {
  (void)count;
  return boolean(is_record_of(args[0], args[1]));
}

/* The field of (%record-... record type index accessor-name). */
static value *record_field(value *args) {
  if (!is_record_of(args[0], args[1]))
    error_wrong_type(symbol_of(args[3])->name, "a record of its type",
                     args[0]);
  return &((struct record *)args[0])->fields[fixnum_of(args[2])];
}

static value prim_record_ref(size_t count, value *args) {
  (void)count;
  return *record_field(args);
}

static value prim_record_set(size_t count, value *args) {
  (void)count;
  *record_field(args) = args[4];
  return UNSPECIFIED;
}

/* (%make-promise done? content) */
static value prim_make_promise(size_t count, value *args) {
  (void)count;
  struct promise *p = new_object(T_PROMISE, sizeof *p);
  p->done = args[0] != FALSE;
  p->content = args[1];
  return from_object(p);
}

static struct promise *check_promise(value v) {
  if (!is_type(v, T_PROMISE))
    error_wrong_type("force", "a promise", v);
  return (struct promise *)v;
}

static value prim_promise_done(size_t count, value *args) {
  (void)count;
  return boolean(check_promise(args[0])->done);
}

static value prim_promise_content(size_t count, value *args) {
  (void)count;
  return check_promise(args[0])->content;
}

/* (%promise-set! promise done? content) */
static value prim_promise_set(size_t count, value *args) {
  (void)count;
  struct promise *p = check_promise(args[0]);
  p->done = args[1] != FALSE;
  p->content = args[2];
  return UNSPECIFIED;
}

/* (%make-parameter content converter) */
static value prim_make_parameter(size_t count, value *args) {
  (void)count;
  struct parameter *p = new_object(T_PARAMETER, sizeof *p);
  p->content = args[0];
  p->converter = args[1];
  return from_object(p);
}

static struct parameter *check_parameter(value v) {
  if (!is_type(v, T_PARAMETER))
    error_wrong_type("parameterize", "a parameter", v);
  return (struct parameter *)v;
}

static value prim_parameter_set(size_t count, value *args) {
  (void)count;
  check_parameter(args[0])->content = args[1];
  return UNSPECIFIED;
}

static value prim_parameter_converter(size_t count, value *args) {
  (void)count;
  return check_parameter(args[0])->converter;
}

static value prim_error(size_t count, value *args) {
  error_raise(error_make("error", args[0], prim_list(count - 1, args + 1),
                         machine_position()));
}

static struct error *check_error(const char *who, value v) {
  if (!is_type(v, T_ERROR))
    error_wrong_type(who, "an error object", v);
  return error_of(v);
}

static value prim_error_message(size_t count, value *args) {
  (void)count;
  return check_error("error-object-message", args[0])->message;
}

static value prim_error_irritants(size_t count, value *args) {
  (void)count;
  return check_error("error-object-irritants", args[0])->irritants;
}

/* ---- The rest ----------------------------------------------------------- */

static value prim_exit(size_t count, value *args) {
  int status = count == 0 || args[0] == TRUE ? 0
               : is_fixnum(args[0])          ? (int)(fixnum_of(args[0]) & 255)
                                             : 1;
  exit(status);
}

static value prim_clock(size_t count, value *args) {
  (void)count, (void)args;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return fixnum(now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

static value prim_jiffies_per_second(size_t count, value *args) {
  (void)count, (void)args;
  return fixnum(1000000);
}

static value prim_void(size_t count, value *args) {
  (void)count, (void)args;
  return UNSPECIFIED;
}

static value prim_gensym(size_t count, value *args) {
  (void)count, (void)args;
  return fresh_symbol();
}

static value prim_regime(size_t count, value *args) {
  (void)count, (void)args;
  return symbol(regime_name());
}

/* ---- Putting it together ------------------------------------------------ */

static const struct primitive_entry entries[] = {
  { "pair?", is_pair_p, 1, 1 },
  { "null?", is_null_p, 1, 1 },
  { "list?", is_list_p, 1, 1 },
  { "symbol?", is_symbol_p, 1, 1 },
  { "string?", is_string_p, 1, 1 },
  { "char?", is_char_p, 1, 1 },
  { "boolean?", is_boolean_p, 1, 1 },
  { "vector?", is_vector_p, 1, 1 },
  { "bytevector?", is_bytevector_p, 1, 1 },
  { "procedure?", is_procedure_p, 1, 1 },
  { "eof-object?", is_eof_p, 1, 1 },
  { "promise?", is_promise_p, 1, 1 },
  { "error-object?", is_error_p, 1, 1 },
  { "port?", is_port_p, 1, 1 },
  { "input-port?", is_input_port_p, 1, 1 },
  { "output-port?", is_output_port_p, 1, 1 },
  { "file-error?", is_file_error_p, 1, 1 },
  { "read-error?", is_read_error_p, 1, 1 },
  { "not", not_p, 1, 1 },
  { "eq?", prim_eq, 2, 2 },
  { "eqv?", prim_eqv, 2, 2 },
  { "equal?", prim_equal, 2, 2 },
  { "cons", prim_cons, 2, 2 },
  { "car", prim_car, 1, 1 },
  { "cdr", prim_cdr, 1, 1 },
  { "caar", prim_caar, 1, 1 },
  { "cadr", prim_cadr, 1, 1 },
  { "cdar", prim_cdar, 1, 1 },
  { "cddr", prim_cddr, 1, 1 },
  { "caaar", prim_caaar, 1, 1 },
  { "caadr", prim_caadr, 1, 1 },
  { "cadar", prim_cadar, 1, 1 },
  { "caddr", prim_caddr, 1, 1 },
  { "cdaar", prim_cdaar, 1, 1 },
  { "cdadr", prim_cdadr, 1, 1 },
  { "cddar", prim_cddar, 1, 1 },
  { "cdddr", prim_cdddr, 1, 1 },
  { "cadddr", prim_cadddr, 1, 1 },
  { "cddddr", prim_cddddr, 1, 1 },
  { "set-car!", prim_set_car, 2, 2 },
  { "set-cdr!", prim_set_cdr, 2, 2 },
  { "list", prim_list, 0, MANY },
  { "cons*", prim_cons_star, 1, MANY },
  { "list*", prim_cons_star, 1, MANY },
  { "make-list", prim_make_list, 1, 2 },
  { "length", prim_length, 1, 1 },
  { "append", prim_append, 0, MANY },
  { "append!", prim_append, 0, MANY },
  { "reverse", prim_reverse, 1, 1 },
  { "reverse!", prim_reverse, 1, 1 },
  { "list-tail", prim_list_tail, 2, 2 },
  { "list-ref", prim_list_ref, 2, 2 },
  { "list-copy", prim_list_copy, 1, 1 },
  { "memq", prim_memq, 2, 2 },
  { "memv", prim_memv, 2, 2 },
  { "%member", prim_member, 2, 2 },
  { "assq", prim_assq, 2, 2 },
  { "assv", prim_assv, 2, 2 },
  { "%assoc", prim_assoc, 2, 2 },
  { "make-vector", prim_make_vector, 1, 2 },
  { "vector", prim_vector, 0, MANY },
  { "vector-length", prim_vector_length, 1, 1 },
  { "vector-ref", prim_vector_ref, 2, 2 },
  { "vector-set!", prim_vector_set, 3, 3 },
  { "vector->list", prim_vector_to_list, 1, 3 },
  { "list->vector", prim_list_to_vector, 1, 1 },
  { "vector-fill!", prim_vector_fill, 2, 4 },
  { "vector-copy", prim_vector_copy, 1, 3 },
  { "vector-copy!", prim_vector_copy_to, 3, 5 },
  { "vector-append", prim_vector_append, 0, MANY },
  { "make-bytevector", prim_make_bytevector, 1, 2 },
  { "bytevector", prim_bytevector, 0, MANY },
  { "bytevector-length", prim_bytevector_length, 1, 1 },
  { "bytevector-u8-ref", prim_bytevector_ref, 2, 2 },
  { "bytevector-u8-set!", prim_bytevector_set, 3, 3 },
  { "bytevector-copy", prim_bytevector_copy, 1, 3 },
  { "%make-record-type", prim_make_record_type, 2, 2 },
  { "%record", prim_record, 1, MANY },
  { "%record?", prim_is_record, 2, 2 },
  { "%record-ref", prim_record_ref, 4, 4 },
  { "%record-set!", prim_record_set, 5, 5 },
  { "%make-promise", prim_make_promise, 2, 2 },
  { "%promise-done?", prim_promise_done, 1, 1 },
  { "%promise-content", prim_promise_content, 1, 1 },
  { "%promise-set!", prim_promise_set, 3, 3 },
  { "%make-parameter", prim_make_parameter, 2, 2 },
  { "%parameter-set!", prim_parameter_set, 2, 2 },
  { "%parameter-converter", prim_parameter_converter, 1, 1 },
  { "error", prim_error, 1, MANY },
  { "error-object-message", prim_error_message, 1, 1 },
  { "error-object-irritants", prim_error_irritants, 1, 1 },
  { "exit", prim_exit, 0, 1 },
  { "emergency-exit", prim_exit, 0, 1 },
  { "current-jiffy", prim_clock, 0, 0 },
  { "jiffies-per-second", prim_jiffies_per_second, 0, 0 },
  { "void", prim_void, 0, MANY },
  { "interaction-environment", prim_void, 0, 0 },
  { "gensym", prim_gensym, 0, 1 },
  { "regime-name", prim_regime, 0, 0 },
};

/* The port has no name, so the prelude's code gets no positions. */
static void run_prelude(void) {
  struct port *port = port_of(
    port_of_input_text(NULL, prelude_text, strlen(prelude_text)));
  value form;
  while ((form = reader_read(port)) != END_OF_FILE) {
    machine_execute(compile(form));
    reader_forget_positions();
  }
}

void library_install(void) {
  define_primitives(entries, COUNT_OF(entries));
  number_install();
  text_install();
  hash_install();
  port_install();
  machine_install();
  expand_install();
  run_prelude();
}
