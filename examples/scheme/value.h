/* value.h -- what a Scheme value is.
 *
 * A value is one machine word.  Its low bits say what it is:
 *
 *     ...........1   fixnum: a 63-bit integer, shifted left by one
 *     .........000   pointer to a heap object that starts with struct object
 *     .........010   pointer to a pair, plus 2; a pair has no header and is
 *                    two words, which is what a Lisp heap is full of
 *     .........110   immediate: (), #t, a character ...
 *
 * The tags are added to pointers, never shifted or mixed in, so every value
 * that refers to memory is an address inside its block: a conservative
 * collector needs to know nothing about this file.
 *
 * Source: the low-tag scheme is folklore; see D. Gudeman, "Representing type
 * information in dynamically typed languages", Univ. of Arizona TR 93-27, 1993.
 */
#ifndef SCHEME_VALUE_H
#define SCHEME_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uintptr_t value;

/* ---- Words -------------------------------------------------------------- */

#define IMMEDIATE(n) (((value)(n) << 8) | 6u)
#define FALSE IMMEDIATE(0)
#define TRUE IMMEDIATE(1)
#define NIL IMMEDIATE(2)
#define UNSPECIFIED IMMEDIATE(3)
#define END_OF_FILE IMMEDIATE(4)
#define UNDEFINED IMMEDIATE(5) /* a variable not yet initialised            */
#define DEFAULT IMMEDIATE(6)   /* an optional argument that was not given   */

#define FIXNUM_MAX (INTPTR_MAX >> 1)
#define FIXNUM_MIN (INTPTR_MIN >> 1)

static inline bool is_fixnum(value v) { return v & 1; }
static inline bool are_fixnums(value a, value b) { return a & b & 1; }
static inline value fixnum(intptr_t n) { return ((value)n << 1) | 1; }
static inline intptr_t fixnum_of(value v) { return (intptr_t)v >> 1; }
static inline bool fits_fixnum(intptr_t n) {
  return n >= FIXNUM_MIN && n <= FIXNUM_MAX;
}

static inline bool is_char(value v) { return (v & 0xff) == 14; }
static inline value character(uint32_t code) {
  return ((value)code << 8) | 14;
}
static inline uint32_t char_of(value v) { return (uint32_t)(v >> 8); }

static inline value boolean(bool b) { return b ? TRUE : FALSE; }

/* ---- Objects ------------------------------------------------------------ */

enum type {
  T_FLONUM = 1, T_BIGNUM, T_STRING, T_SYMBOL, T_VECTOR, T_BYTES, T_CLOSURE,
  T_PRIMITIVE, T_CONTINUATION, T_CODE, T_VALUES, T_PROMISE, T_RECORD,
  T_RECORD_TYPE, T_TABLE, T_PORT, T_ERROR, T_PARAMETER, T_ALIAS, T_SYNTAX
};

struct object {
  enum type type;
  uint32_t flags; /* used by few types, see there */
};

struct pair { value car, cdr; };

static inline bool is_pair(value v) { return (v & 7) == 2; }
static inline struct pair *pair_of(value v) { return (struct pair *)(v - 2); }
static inline value car(value v) { return pair_of(v)->car; }
static inline value cdr(value v) { return pair_of(v)->cdr; }
static inline value cadr(value v) { return car(cdr(v)); }
static inline value cddr(value v) { return cdr(cdr(v)); }

static inline bool is_object(value v) { return (v & 7) == 0; }
static inline struct object *object_of(value v) { return (struct object *)v; }
static inline bool is_type(value v, enum type type) {
  return is_object(v) && object_of(v)->type == type;
}
static inline value from_object(const void *object) { return (value)object; }

struct flonum { struct object head; double number; };

/* Magnitude in GMP limbs, least first; `size` is negative for a negative
 * number, as in mpz_t.  Always outside the fixnum range. */
struct bignum { struct object head; long size; unsigned long limbs[]; };

/* UTF-8.  While `bytes` equals `length` the text is ASCII and indexing is
 * immediate; otherwise it is a walk. */
struct string {
  struct object head;
  size_t length; /* in characters */
  size_t bytes;
  char *text; /* with a NUL behind it */
};

/* Symbols are unique by name, and are the global variables too. */
struct symbol {
  struct object head;
  const char *name;
  value global;          /* UNDEFINED until defined                        */
  value syntax;          /* T_SYNTAX or FALSE: what the name means in front
                            of a form                                       */
  value primitive;       /* what the library bound it to, or FALSE          */
  const struct inlining *inlining; /* opcode for calls of this name, or NULL */
  struct symbol *next;   /* in its hash chain                               */
};

struct vector { struct object head; size_t length; value items[]; };
struct bytes { struct object head; size_t length; uint8_t *items; };

struct code; /* machine.h */
struct closure { struct object head; struct code *code; value captured[]; };

/* A function of C.  `args` points at `count` arguments on the machine's
 * stack.  A control primitive says by machine_tail_call() what comes next
 * instead of returning a value. */
typedef value (*primitive_function)(size_t count, value *args);
struct primitive {
  struct object head; /* flags: 1 for control primitives */
  const char *name;
  uint32_t min, max;
  primitive_function call;
};
#define MANY UINT32_MAX

struct promise { struct object head; bool done; value content; };
struct parameter { struct object head; value content, converter; };
struct record_type { struct object head; value name, fields; };
struct record { struct object head; value type; value fields[]; };

struct position { const char *file; uint32_t line, column; };
struct error {
  struct object head;
  value kind; /* symbol: error, file-error or read-error */
  value message, irritants;
  struct position position;
};

/* An identifier that a macro template inserted: `name`, to be looked up where
 * the macro was defined.  See expand.h. */
struct scope;
struct alias { struct object head; value name; struct scope *scope; };

/* ---- Making them -------------------------------------------------------- */

/* Memory from the regime; a refusal is the Scheme error "out of memory". */
void *allocate(size_t bytes);
void *allocate_atomic(size_t bytes);

/* A copy of `old` in `new_bytes` of fresh memory. */
void *allocate_more(const void *old, size_t old_bytes, size_t new_bytes);

/* count * bytes + extra, or the error "out of memory" when that overflows. */
size_t checked_size(size_t count, size_t bytes, size_t extra);

void *new_object(enum type type, size_t bytes);

value cons(value car, value cdr);
value flonum(double number);
value string_of_bytes(const char *text, size_t bytes);
value string_of_text(const char *text);
value symbol(const char *name);
value symbol_of_bytes(const char *name, size_t bytes);
value fresh_symbol(void);
value vector(enum type type, size_t length, value fill);
value bytevector(size_t length);
value list_of(size_t count, ...);

static inline struct string *string_of(value v) { return (struct string *)v; }
static inline struct symbol *symbol_of(value v) { return (struct symbol *)v; }
static inline struct vector *vector_of(value v) { return (struct vector *)v; }
static inline struct bytes *bytes_of(value v) { return (struct bytes *)v; }
static inline struct error *error_of(value v) { return (struct error *)v; }
static inline struct alias *alias_of(value v) { return (struct alias *)v; }

static inline bool is_string(value v) { return is_type(v, T_STRING); }
static inline bool is_symbol(value v) { return is_type(v, T_SYMBOL); }
static inline bool is_vector(value v) { return is_type(v, T_VECTOR); }
static inline bool is_flonum(value v) { return is_type(v, T_FLONUM); }
static inline bool is_bignum(value v) { return is_type(v, T_BIGNUM); }

/* Length of a proper list, or -1. */
ptrdiff_t list_length(value list);

value list_reverse(value list);

bool is_eqv(value a, value b);
bool is_equal(value a, value b);

/* ---- Primitives --------------------------------------------------------- */

struct primitive_entry {
  const char *name;
  primitive_function call;
  uint32_t min, max;
};

/* Bind each of `count` functions to its global name. */
void define_primitives(const struct primitive_entry *entries, size_t count);
void define_control_primitives(const struct primitive_entry *entries,
                               size_t count);

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#endif
