/* reader.c -- from text to data; see reader.h.
 *
 * A recursive descent over the port's characters, with a bound on nesting so
 * that hostile text cannot exhaust the stack.
 */

#include "reader.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "error.h"
#include "number.h"

enum { NESTING_LIMIT = 5000 };

const char reader_incomplete[] = "unexpected end of input";

/* ---- Positions ---------------------------------------------------------- */

/* Open addressing, from the address of a pair to its place. */
static struct {
  struct place { value pair; struct position position; } *places;
  size_t size, count;
} notes;

static struct place *find_place(value pair) {
  size_t i = (pair >> 4) * 11400714819323198485u >> 20;
  for (;; i++) {
    struct place *place = &notes.places[i & (notes.size - 1)];
    if (place->pair == pair || place->pair == 0)
      return place;
  }
}

static void grow_places(void) {
  size_t old_size = notes.size;
  struct place *old = notes.places;
  notes.size = old_size ? 2 * old_size : 256;
  notes.places = allocate(notes.size * sizeof *notes.places);
  for (size_t i = 0; i < old_size; i++)
    if (old[i].pair != 0)
      *find_place(old[i].pair) = old[i];
}

static void note_position(value pair, struct position position) {
  if (2 * notes.count >= notes.size)
    grow_places();
  struct place *place = find_place(pair);
  notes.count += place->pair == 0;
  *place = (struct place){ pair, position };
}

bool reader_position(value datum, struct position *position) {
  if (notes.count == 0 || !is_pair(datum))
    return false;
  struct place *place = find_place(datum);
  if (place->pair == 0)
    return false;
  *position = place->position;
  return true;
}

void reader_forget_positions(void) {
  if (notes.count > 0)
    memset(notes.places, 0, notes.size * sizeof *notes.places);
  notes.count = 0;
}

/* ---- Characters --------------------------------------------------------- */

static _Noreturn void fail(struct position position, const char *message,
                           value irritants) {
  error_raise_at(position, "read-error", message, irritants);
}

static bool is_space(int32_t c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

static bool is_delimiter(int32_t c) {
  return c == PORT_END || is_space(c) || c == '(' || c == ')' || c == '"'
         || c == ';' || c == '\'';
}

static int32_t read_required(struct port *port) {
  int32_t c = port_read_char(port);
  if (c == PORT_END)
    fail(port_position(port), reader_incomplete, NIL);
  return c;
}

/* ---- Atoms -------------------------------------------------------------- */

/* Characters up to a delimiter, after `first`. */
static struct port *read_token(struct port *port, int32_t first) {
  struct port *token = port_of(port_of_output_text());
  if (first != PORT_END)
    port_write_char(token, (uint32_t)first);
  while (!is_delimiter(port_peek_char(port)))
    port_write_char(token, (uint32_t)port_read_char(port));
  port_write_char(token, '\0');
  token->length--;
  return token;
}

static value read_number_or_symbol(struct port *port, int32_t first) {
  struct port *token = read_token(port, first);
  value number = number_parse(token->text, 10);
  if (number != FALSE)
    return number;
  return symbol_of_bytes(token->text, token->length);
}

static uint32_t read_hex_escape(struct port *port) {
  uint32_t code = 0;
  for (int32_t c; (c = read_required(port)) != ';';) {
    const char *digits = "0123456789abcdef";
    const char *digit = c < 128 && c > 0 ? strchr(digits, c | 32) : NULL;
    if (digit == NULL || code > 0x10ffff)
      fail(port_position(port), "bad \\x escape", NIL);
    code = code * 16 + (uint32_t)(digit - digits);
  }
  return code;
}

/* After a backslash at the end of a line: skip the indentation of the next. */
static void skip_line_break(struct port *port, int32_t c) {
  while (c != '\n')
    c = read_required(port);
  while (port_peek_char(port) == ' ' || port_peek_char(port) == '\t')
    port_read_char(port);
}

static void read_escape(struct port *port, struct port *text) {
  int32_t c = read_required(port);
  switch (c) {
  case 'n': port_write_char(text, '\n'); break;
  case 't': port_write_char(text, '\t'); break;
  case 'r': port_write_char(text, '\r'); break;
  case 'a': port_write_char(text, '\a'); break;
  case 'b': port_write_char(text, '\b'); break;
  case '0': port_write_char(text, '\0'); break;
  case 'x': port_write_char(text, read_hex_escape(port)); break;
  case '\n': case ' ': case '\t': skip_line_break(port, c); break;
  default: port_write_char(text, (uint32_t)c);
  }
}

/* Text up to the closing `quote`, escapes resolved. */
static struct port *read_quoted(struct port *port, int32_t quote) {
  struct port *text = port_of(port_of_output_text());
  for (int32_t c; (c = read_required(port)) != quote;)
    if (c == '\\')
      read_escape(port, text);
    else
      port_write_char(text, (uint32_t)c);
  return text;
}

static const struct { const char *name; uint32_t code; } char_names[] = {
  { "space", ' ' }, { "newline", '\n' }, { "tab", '\t' }, { "nul", 0 },
  { "null", 0 }, { "return", '\r' }, { "linefeed", '\n' },
  { "alarm", 7 }, { "backspace", 8 }, { "delete", 127 }, { "escape", 27 },
};

static value read_character(struct port *port, struct position start) {
  struct port *token = read_token(port, read_required(port));
  size_t length;
  uint32_t code = utf8_decode(token->text, token->length, &length);
  if (length == token->length)
    return character(code);
  if (code == 'x') {
    char *end;
    unsigned long hex = strtoul(token->text + 1, &end, 16);
    if (*end == '\0' && hex <= 0x10ffff)
      return character((uint32_t)hex);
  }
  for (size_t i = 0; i < COUNT_OF(char_names); i++)
    if (strcasecmp(token->text, char_names[i].name) == 0)
      return character(char_names[i].code);
  fail(start, "unknown character name",
       cons(string_of_bytes(token->text, token->length), NIL));
}

/* ---- Compound data ------------------------------------------------------ */

static value read_datum(struct port *port, unsigned depth);

static void skip_block_comment(struct port *port) {
  for (unsigned depth = 1; depth > 0;) {
    int32_t c = read_required(port);
    if (c == '|' && port_peek_char(port) == '#')
      port_read_char(port), depth--;
    else if (c == '#' && port_peek_char(port) == '|')
      port_read_char(port), depth++;
  }
}

/* Past white space and comments; the next character is not consumed. */
static int32_t skip_space(struct port *port) {
  int32_t c;
  while (is_space(c = port_peek_char(port)) || c == ';') {
    if (c == ';')
      while (c != '\n' && c != PORT_END)
        c = port_read_char(port);
    else
      port_read_char(port);
  }
  return c;
}

/* A sign that what was read is no datum: a closing parenthesis, a dot, or a
 * comment. */
#define CLOSING IMMEDIATE(100)
#define DOT IMMEDIATE(101)
#define NOTHING IMMEDIATE(102)

static value read_list_tail(struct port *port, unsigned depth,
                            struct position start) {
  value tail = read_datum(port, depth);
  value next;
  while ((next = read_datum(port, depth)) == NOTHING)
    ;
  if (next == END_OF_FILE)
    fail(start, reader_incomplete, NIL);
  if (tail == CLOSING || tail == DOT || next != CLOSING)
    fail(start, "bad dotted list", NIL);
  return tail;
}

static value read_list(struct port *port, unsigned depth,
                       struct position start) {
  value list = NIL;
  struct pair *last = NULL;
  for (;;) {
    value item = read_datum(port, depth);
    if (item == NOTHING)
      continue;
    if (item == END_OF_FILE)
      fail(start, reader_incomplete, NIL);
    if (item == CLOSING)
      return list;
    if (item == DOT && last == NULL)
      fail(start, "bad dotted list", NIL);
    if (item == DOT) {
      last->cdr = read_list_tail(port, depth, start);
      return list;
    }
    value cell = cons(item, NIL);
    if (last == NULL)
      note_position(list = cell, start);
    else
      last->cdr = cell;
    last = pair_of(cell);
  }
}

static value read_vector(struct port *port, unsigned depth,
                         struct position start) {
  value list = read_list(port, depth, start);
  ptrdiff_t length = list_length(list);
  if (length < 0)
    fail(start, "dot in a vector", NIL);
  value v = vector(T_VECTOR, (size_t)length, NIL);
  for (size_t i = 0; is_pair(list); list = cdr(list))
    vector_of(v)->items[i++] = car(list);
  return v;
}

static value read_bytevector(struct port *port, unsigned depth,
                             struct position start) {
  value v = read_vector(port, depth, start);
  value b = bytevector(vector_of(v)->length);
  for (size_t i = 0; i < vector_of(v)->length; i++) {
    value item = vector_of(v)->items[i];
    if (!is_fixnum(item) || fixnum_of(item) < 0 || fixnum_of(item) > 255)
      fail(start, "not a byte", cons(item, NIL));
    bytes_of(b)->items[i] = (uint8_t)fixnum_of(item);
  }
  return b;
}

/* 'x and its like: (quote x). */
static value read_prefixed(struct port *port, unsigned depth,
                           const char *name, struct position start) {
  value datum;
  while ((datum = read_datum(port, depth)) == NOTHING)
    ;
  if (datum == END_OF_FILE)
    fail(start, reader_incomplete, NIL);
  if (datum == CLOSING || datum == DOT)
    fail(start, "datum expected", cons(string_of_text(name), NIL));
  value list = cons(symbol(name), cons(datum, NIL));
  note_position(list, start);
  return list;
}

static value read_hash_word(struct port *port, unsigned depth,
                            struct position start) {
  struct port *token = read_token(port, PORT_END);
  const char *text = token->text;
  if (strcmp(text, "t") == 0 || strcmp(text, "true") == 0)
    return TRUE;
  if (strcmp(text, "f") == 0 || strcmp(text, "false") == 0)
    return FALSE;
  if (strcmp(text, "u8") == 0 && port_peek_char(port) == '(') {
    port_read_char(port);
    return read_bytevector(port, depth, start);
  }
  struct port *prefixed = port_of(port_of_output_text());
  port_write_char(prefixed, '#');
  port_write_bytes(prefixed, text, token->length + 1);
  value number = number_parse(prefixed->text, 10);
  if (number != FALSE)
    return number;
  fail(start, "unknown # syntax",
       cons(string_of_bytes(text, token->length), NIL));
}

static value read_hash(struct port *port, unsigned depth,
                       struct position start) {
  switch (port_peek_char(port)) {
  case '(':
    port_read_char(port);
    return read_vector(port, depth, start);
  case '\\':
    port_read_char(port);
    return read_character(port, start);
  case '|':
    port_read_char(port);
    skip_block_comment(port);
    return NOTHING;
  case ';':
    port_read_char(port);
    read_prefixed(port, depth, "quote", start);
    return NOTHING;
  case '!': /* #!fold-case, and the first line of a script */
    while (!is_delimiter(port_peek_char(port)))
      port_read_char(port);
    return NOTHING;
  default:
    return read_hash_word(port, depth, start);
  }
}

static value read_unquote(struct port *port, unsigned depth,
                          struct position start) {
  if (port_peek_char(port) != '@')
    return read_prefixed(port, depth, "unquote", start);
  port_read_char(port);
  return read_prefixed(port, depth, "unquote-splicing", start);
}

static value read_datum(struct port *port, unsigned depth) {
  skip_space(port);
  struct position start = port_position(port);
  if (depth == 0)
    fail(start, "nesting too deep", NIL);
  int32_t c = port_read_char(port);
  switch (c) {
  case PORT_END: return END_OF_FILE;
  case '(': case '[': return read_list(port, depth - 1, start);
  case ')': case ']': return CLOSING;
  case '\'': return read_prefixed(port, depth - 1, "quote", start);
  case '`': return read_prefixed(port, depth - 1, "quasiquote", start);
  case ',': return read_unquote(port, depth - 1, start);
  case '#': return read_hash(port, depth - 1, start);
  case '"': {
    struct port *text = read_quoted(port, '"');
    return string_of_bytes(text->text, text->length);
  }
  case '|': {
    struct port *text = read_quoted(port, '|');
    return symbol_of_bytes(text->text ? text->text : "", text->length);
  }
  case '.':
    if (is_delimiter(port_peek_char(port)))
      return DOT;
    return read_number_or_symbol(port, c);
  default: return read_number_or_symbol(port, c);
  }
}

value reader_read(struct port *port) {
  for (;;) {
    skip_space(port);
    struct position start = port_position(port);
    value datum = read_datum(port, NESTING_LIMIT);
    if (datum == CLOSING)
      fail(start, "unexpected )", NIL);
    if (datum == DOT)
      fail(start, "unexpected dot", NIL);
    if (datum != NOTHING)
      return datum;
  }
}
