/* print.c -- from data to text.
 *
 * Recursive in the car, iterative in the cdr.  What is nested deeper than a
 * fixed bound, a circle through the car for one, prints as "...".  A list that
 * runs in a circle through its cdr is cut the same way (Brent's method: a
 * marker that jumps ahead at powers of two).
 */

#include "print.h"

#include <inttypes.h>
#include <string.h>

#include "machine.h"
#include "number.h"

enum { NESTING_LIMIT = 2000 };

static void print_within(struct port *port, value v, bool quoted,
                         unsigned depth);

/* ---- Atoms -------------------------------------------------------------- */

static void print_quoted(struct port *port, const char *text, size_t bytes,
                         char quote) {
  port_write_char(port, (uint32_t)quote);
  for (size_t i = 0; i < bytes; i++) {
    char c = text[i];
    if (c == quote || c == '\\') {
      port_write_char(port, '\\');
      port_write_bytes(port, &c, 1);
    } else if (c == '\n') {
      port_write_text(port, "\\n");
    } else if (c == '\t') {
      port_write_text(port, "\\t");
    } else {
      port_write_bytes(port, &c, 1);
    }
  }
  port_write_char(port, (uint32_t)quote);
}

static void print_symbol(struct port *port, const char *name, bool quoted) {
  bool is_plain = *name != '\0' && strpbrk(name, " ()\";'`,|\n\t") == NULL
                  && number_parse(name, 10) == FALSE;
  if (is_plain || !quoted)
    port_write_text(port, name);
  else
    print_quoted(port, name, strlen(name), '|');
}

static void print_char(struct port *port, uint32_t code, bool quoted) {
  if (!quoted) {
    port_write_char(port, code);
    return;
  }
  port_write_text(port, "#\\");
  switch (code) {
  case ' ': port_write_text(port, "space"); break;
  case '\n': port_write_text(port, "newline"); break;
  case '\t': port_write_text(port, "tab"); break;
  case '\r': port_write_text(port, "return"); break;
  case 0: port_write_text(port, "null"); break;
  case 127: port_write_text(port, "delete"); break;
  case 27: port_write_text(port, "escape"); break;
  default: port_write_char(port, code);
  }
}

static void print_immediate(struct port *port, value v, bool quoted) {
  if (is_char(v))
    print_char(port, char_of(v), quoted);
  else if (v == FALSE)
    port_write_text(port, "#f");
  else if (v == TRUE)
    port_write_text(port, "#t");
  else if (v == NIL)
    port_write_text(port, "()");
  else if (v == END_OF_FILE)
    port_write_text(port, "#<eof>");
  else if (v == UNSPECIFIED)
    port_write_text(port, "#<unspecified>");
  else
    port_write_text(port, "#<undefined>");
}

/* ---- Compound data ------------------------------------------------------ */

/* 'x for (quote x); false if `v` is not of that form. */
static bool print_abbreviation(struct port *port, value v, bool quoted,
                               unsigned depth) {
  static const char *const names[][2] = {
    { "quote", "'" }, { "quasiquote", "`" }, { "unquote", "," },
    { "unquote-splicing", ",@" },
  };
  if (!is_symbol(car(v)) || !is_pair(cdr(v)) || cddr(v) != NIL)
    return false;
  for (size_t i = 0; i < COUNT_OF(names); i++)
    if (strcmp(symbol_of(car(v))->name, names[i][0]) == 0) {
      port_write_text(port, names[i][1]);
      print_within(port, cadr(v), quoted, depth);
      return true;
    }
  return false;
}

static void print_list(struct port *port, value v, bool quoted,
                       unsigned depth) {
  if (print_abbreviation(port, v, quoted, depth))
    return;
  value marker = NIL;
  size_t count = 0, jump = 1024;
  port_write_char(port, '(');
  for (;;) {
    print_within(port, car(v), quoted, depth);
    v = cdr(v);
    if (!is_pair(v))
      break;
    port_write_char(port, ' ');
    if (v == marker) {
      port_write_text(port, "...)");
      return;
    }
    if (++count == jump)
      marker = v, jump *= 2;
  }
  if (v != NIL) {
    port_write_text(port, " . ");
    print_within(port, v, quoted, depth);
  }
  port_write_char(port, ')');
}

static void print_items(struct port *port, const char *open,
                        const value *items, size_t count, bool quoted,
                        unsigned depth) {
  port_write_text(port, open);
  for (size_t i = 0; i < count; i++) {
    if (i > 0)
      port_write_char(port, ' ');
    print_within(port, items[i], quoted, depth);
  }
  port_write_char(port, ')');
}

static void print_bytes(struct port *port, const struct bytes *b) {
  port_write_text(port, "#u8(");
  for (size_t i = 0; i < b->length; i++) {
    char text[8];
    snprintf(text, sizeof text, i ? " %u" : "%u", b->items[i]);
    port_write_text(port, text);
  }
  port_write_char(port, ')');
}

static void print_record(struct port *port, const struct record *r,
                         bool quoted, unsigned depth) {
  const struct record_type *type = (const struct record_type *)r->type;
  value names = type->fields;
  port_write_text(port, "#<");
  print_within(port, type->name, false, depth);
  for (size_t i = 0; is_pair(names); names = cdr(names), i++) {
    port_write_char(port, ' ');
    print_within(port, car(names), false, depth);
    port_write_char(port, '=');
    print_within(port, r->fields[i], quoted, depth);
  }
  port_write_char(port, '>');
}

static void print_named(struct port *port, const char *kind, value name) {
  port_write_text(port, "#<");
  port_write_text(port, kind);
  if (is_symbol(name)) {
    port_write_char(port, ' ');
    port_write_text(port, symbol_of(name)->name);
  }
  port_write_char(port, '>');
}

static void print_error(struct port *port, const struct error *e,
                        unsigned depth) {
  port_write_text(port, "#<error ");
  print_within(port, e->message, true, depth);
  for (value rest = e->irritants; is_pair(rest); rest = cdr(rest)) {
    port_write_char(port, ' ');
    print_within(port, car(rest), true, depth);
  }
  port_write_char(port, '>');
}

static void print_object(struct port *port, value v, bool quoted,
                         unsigned depth) {
  switch (object_of(v)->type) {
  case T_FLONUM: case T_BIGNUM:
    port_write_text(port, number_text(v, 10));
    break;
  case T_STRING:
    if (quoted)
      print_quoted(port, string_of(v)->text, string_of(v)->bytes, '"');
    else
      port_write_bytes(port, string_of(v)->text, string_of(v)->bytes);
    break;
  case T_SYMBOL: print_symbol(port, symbol_of(v)->name, quoted); break;
  case T_ALIAS: print_within(port, alias_of(v)->name, quoted, depth); break;
  case T_VECTOR:
    print_items(port, "#(", vector_of(v)->items, vector_of(v)->length, quoted,
                depth);
    break;
  case T_VALUES:
    print_items(port, "#<values (", vector_of(v)->items, vector_of(v)->length,
                quoted, depth);
    port_write_char(port, '>');
    break;
  case T_BYTES: print_bytes(port, bytes_of(v)); break;
  case T_CLOSURE:
    print_named(port, "procedure", ((struct closure *)v)->code->name);
    break;
  case T_PRIMITIVE:
    print_named(port, "procedure", symbol(((struct primitive *)v)->name));
    break;
  case T_RECORD:
    print_record(port, (struct record *)v, quoted, depth);
    break;
  case T_RECORD_TYPE:
    print_named(port, "record-type", ((struct record_type *)v)->name);
    break;
  case T_ERROR: print_error(port, error_of(v), depth); break;
  case T_PARAMETER: print_named(port, "parameter", NIL); break;
  case T_CONTINUATION: print_named(port, "continuation", NIL); break;
  case T_PROMISE: print_named(port, "promise", NIL); break;
  case T_TABLE: print_named(port, "hash-table", NIL); break;
  case T_PORT: print_named(port, "port", symbol(port_of(v)->name)); break;
  default: print_named(port, "object", NIL);
  }
}

static void print_within(struct port *port, value v, bool quoted,
                         unsigned depth) {
  if (depth == 0)
    port_write_text(port, "...");
  else if (is_fixnum(v)) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIdPTR, fixnum_of(v));
    port_write_text(port, text);
  } else if (is_pair(v))
    print_list(port, v, quoted, depth - 1);
  else if (is_object(v))
    print_object(port, v, quoted, depth - 1);
  else
    print_immediate(port, v, quoted);
}

void print_value(struct port *port, value v, bool quoted) {
  print_within(port, v, quoted, NESTING_LIMIT);
}

/* ---- Conditions --------------------------------------------------------- */

void print_condition(struct port *port, value condition,
                     struct position position) {
  bool is_error = is_type(condition, T_ERROR);
  if (is_error)
    position = error_of(condition)->position;
  if (position.file != NULL) {
    char text[32];
    snprintf(text, sizeof text, ":%u:%u: ", position.line, position.column);
    port_write_text(port, position.file);
    port_write_text(port, text);
  } else {
    port_write_text(port, "scheme: ");
  }
  if (!is_error) {
    port_write_text(port, "uncaught object: ");
    print_value(port, condition, true);
  } else {
    print_value(port, error_of(condition)->message, false);
    const char *separator = ": ";
    for (value rest = error_of(condition)->irritants; is_pair(rest);
         rest = cdr(rest), separator = " ") {
      port_write_text(port, separator);
      print_value(port, car(rest), true);
    }
  }
  port_write_char(port, '\n');
}
