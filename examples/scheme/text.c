/* text.c -- strings and characters.
 *
 * A string is UTF-8.  Indices count characters: at once in ASCII text, by a
 * walk from the start otherwise.  A string that is changed gets a new text
 * when the new character is not as long as the old one.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif

#include "text.h"

#include <ctype.h>
#include <string.h>
#include <wctype.h>

#include "error.h"
#include "port.h"

/* ---- Arguments ---------------------------------------------------------- */

static struct string *check_string(const char *who, value v) {
  if (!is_string(v))
    error_wrong_type(who, "a string", v);
  return string_of(v);
}

static uint32_t check_char(const char *who, value v) {
  if (!is_char(v))
    error_wrong_type(who, "a character", v);
  return char_of(v);
}

/* Byte at which character `index` starts; one past the last is allowed. */
static size_t byte_of(const struct string *s, size_t index) {
  if (s->bytes == s->length)
    return index;
  size_t byte = 0, length;
  for (; index > 0; index--, byte += length)
    utf8_decode(s->text + byte, s->bytes - byte, &length);
  return byte;
}

static size_t check_index(const char *who, const struct string *s,
                          value index, size_t end) {
  if (!is_fixnum(index))
    error_wrong_type(who, "an index", index);
  if (fixnum_of(index) < 0 || (size_t)fixnum_of(index) > end)
    error_raise_who(who, "index out of range", index);
  return byte_of(s, (size_t)fixnum_of(index));
}

struct range { struct string *string; size_t start, end; /* bytes */ };

/* A string and optional indices: args[i], args[i + 1], args[i + 2]. */
static struct range check_range(const char *who, size_t count, value *args,
                                size_t i) {
  struct string *s = check_string(who, args[i]);
  struct range range = { s, 0, s->bytes };
  if (i + 1 < count)
    range.start = check_index(who, s, args[i + 1], s->length);
  if (i + 2 < count)
    range.end = check_index(who, s, args[i + 2], s->length);
  if (range.start > range.end)
    error_raise_who(who, "start after end", args[i + 1]);
  return range;
}

/* ---- Strings ------------------------------------------------------------ */

value text_ref(value string, value index) {
  struct string *s = check_string("string-ref", string);
  size_t byte = check_index("string-ref", s, index, s->length), length;
  if (byte >= s->bytes)
    error_raise_who("string-ref", "index out of range", index);
  return character(utf8_decode(s->text + byte, s->bytes - byte, &length));
}

static value prim_string_ref(size_t count, value *args) {
  (void)count;
  return text_ref(args[0], args[1]);
}

static value prim_string_set(size_t count, value *args) {
  (void)count;
  struct string *s = check_string("string-set!", args[0]);
  uint32_t code = check_char("string-set!", args[2]);
  size_t byte = check_index("string-set!", s, args[1], s->length), old;
  if (byte >= s->bytes)
    error_raise_who("string-set!", "index out of range", args[1]);
  utf8_decode(s->text + byte, s->bytes - byte, &old);
  char encoded[4];
  size_t length = utf8_encode(code, encoded);
  if (length != old) {
    char *text = allocate_atomic(s->bytes - old + length + 1);
    memcpy(text, s->text, byte);
    memcpy(text + byte + length, s->text + byte + old,
           s->bytes - byte - old + 1);
    s->text = text;
    s->bytes = s->bytes - old + length;
  }
  memcpy(s->text + byte, encoded, length);
  return UNSPECIFIED;
}

static value prim_string_length(size_t count, value *args) {
  (void)count;
  return fixnum((intptr_t)check_string("string-length", args[0])->length);
}

static value prim_make_string(size_t count, value *args) {
  uint32_t code = count > 1 ? check_char("make-string", args[1]) : ' ';
  if (!is_fixnum(args[0]) || fixnum_of(args[0]) < 0)
    error_wrong_type("make-string", "a length", args[0]);
  char encoded[4];
  size_t width = utf8_encode(code, encoded);
  size_t length = (size_t)fixnum_of(args[0]);
  size_t bytes = checked_size(length, width, 1) - 1;
  struct string *s = new_object(T_STRING, sizeof *s);
  s->text = allocate_atomic(bytes + 1);
  if (width == 1)
    memset(s->text, encoded[0], length);
  for (size_t i = 0; width > 1 && i < length; i++)
    memcpy(s->text + i * width, encoded, width);
  s->text[bytes] = '\0';
  s->bytes = bytes;
  s->length = length;
  return from_object(s);
}

static value prim_string(size_t count, value *args) {
  struct port *port = port_of(port_of_output_text());
  for (size_t i = 0; i < count; i++)
    port_write_char(port, check_char("string", args[i]));
  return string_of_bytes(port->text, port->length);
}

static value prim_substring(size_t count, value *args) {
  struct range r = check_range("substring", count, args, 0);
  return string_of_bytes(r.string->text + r.start, r.end - r.start);
}

static value prim_string_append(size_t count, value *args) {
  size_t bytes = 0, at = 0;
  for (size_t i = 0; i < count; i++)
    bytes += check_string("string-append", args[i])->bytes;
  struct string *s = new_object(T_STRING, sizeof *s);
  s->text = allocate_atomic(bytes + 1);
  for (size_t i = 0; i < count; i++) {
    memcpy(s->text + at, string_of(args[i])->text, string_of(args[i])->bytes);
    at += string_of(args[i])->bytes;
    s->length += string_of(args[i])->length;
  }
  s->text[bytes] = '\0';
  s->bytes = bytes;
  return from_object(s);
}

static value prim_string_to_list(size_t count, value *args) {
  struct range r = check_range("string->list", count, args, 0);
  value list = NIL;
  for (size_t byte = r.start, length; byte < r.end; byte += length) {
    uint32_t code = utf8_decode(r.string->text + byte, r.end - byte, &length);
    list = cons(character(code), list);
  }
  return list_reverse(list);
}

static value prim_list_to_string(size_t count, value *args) {
  (void)count;
  struct port *port = port_of(port_of_output_text());
  if (list_length(args[0]) < 0)
    error_wrong_type("list->string", "a list", args[0]);
  for (value rest = args[0]; is_pair(rest); rest = cdr(rest))
    port_write_char(port, check_char("list->string", car(rest)));
  return string_of_bytes(port->text, port->length);
}

static value prim_string_to_symbol(size_t count, value *args) {
  (void)count;
  struct string *s = check_string("string->symbol", args[0]);
  return symbol_of_bytes(s->text, s->bytes);
}

static value prim_symbol_to_string(size_t count, value *args) {
  (void)count;
  if (!is_symbol(args[0]))
    error_wrong_type("symbol->string", "a symbol", args[0]);
  return string_of_text(symbol_of(args[0])->name);
}

static value prim_string_copy_to(size_t count, value *args) {
  struct string *to = check_string("string-copy!", args[0]);
  size_t at = check_index("string-copy!", to, args[1], to->length);
  struct range r = check_range("string-copy!", count, args, 2);
  bool is_ascii = to->bytes == to->length
                  && r.string->bytes == r.string->length;
  if (!is_ascii)
    error_raise_message("string-copy!: only ASCII text can be overwritten",
                        NIL);
  if (r.end - r.start > to->bytes - at)
    error_raise_who("string-copy!", "index out of range", args[1]);
  memmove(to->text + at, r.string->text + r.start, r.end - r.start);
  return UNSPECIFIED;
}

static value prim_string_fill(size_t count, value *args) {
  (void)count;
  struct string *s = check_string("string-fill!", args[0]);
  value make[2] = { fixnum((intptr_t)s->length), args[1] };
  struct string *filled = string_of(prim_make_string(2, make));
  s->text = filled->text;
  s->bytes = filled->bytes;
  return UNSPECIFIED;
}

/* Position of the second string in the first, or #f. */
static value prim_string_search(size_t count, value *args) {
  (void)count;
  struct string *text = check_string("string-search", args[0]);
  struct string *part = check_string("string-search", args[1]);
  char *found = memmem(text->text, text->bytes, part->text, part->bytes);
  if (found == NULL)
    return FALSE;
  intptr_t index = 0;
  for (char *c = text->text; c < found; c++)
    index += ((unsigned char)*c & 0xc0) != 0x80;
  return fixnum(index);
}

static uint32_t upcase(uint32_t c) { return towupper((wint_t)c); }
static uint32_t downcase(uint32_t c) { return towlower((wint_t)c); }

static value map_characters(const char *who, value v,
                            uint32_t (*map)(uint32_t)) {
  struct string *s = check_string(who, v);
  struct port *port = port_of(port_of_output_text());
  for (size_t byte = 0, length; byte < s->bytes; byte += length)
    port_write_char(
      port, map(utf8_decode(s->text + byte, s->bytes - byte, &length)));
  return string_of_bytes(port->text, port->length);
}

static value prim_string_upcase(size_t count, value *args) {
  (void)count;
  return map_characters("string-upcase", args[0], upcase);
}

static value prim_string_downcase(size_t count, value *args) {
  (void)count;
  return map_characters("string-downcase", args[0], downcase);
}

/* ---- Comparing ---------------------------------------------------------- */

/* In UTF-8, bytes compare as characters do. */
static int compare_strings(const struct string *a, const struct string *b) {
  size_t common = a->bytes < b->bytes ? a->bytes : b->bytes;
  int order = memcmp(a->text, b->text, common);
  if (order != 0)
    return order;
  return a->bytes < b->bytes ? -1 : a->bytes > b->bytes;
}

static int order_strings(const char *who, value a, value b) {
  return compare_strings(check_string(who, a), check_string(who, b));
}

static int order_chars(const char *who, value a, value b) {
  uint32_t x = check_char(who, a), y = check_char(who, b);
  return x < y ? -1 : x > y;
}

static int order_strings_ci(const char *who, value a, value b) {
  return compare_strings(string_of(map_characters(who, a, downcase)),
                         string_of(map_characters(who, b, downcase)));
}

static int order_chars_ci(const char *who, value a, value b) {
  uint32_t x = downcase(check_char(who, a));
  uint32_t y = downcase(check_char(who, b));
  return x < y ? -1 : x > y;
}

#define COMPARISON(function, name, order, operator)       \
  static value function(size_t count, value *args) {      \
    bool holds = true;                                    \
    for (size_t i = 1; i < count; i++)                    \
      if (!(order(name, args[i - 1], args[i]) operator 0)) \
        holds = false;                                    \
    return boolean(holds);                                \
  }
COMPARISON(string_equal, "string=?", order_strings, ==)
COMPARISON(string_less, "string<?", order_strings, <)
COMPARISON(string_greater, "string>?", order_strings, >)
COMPARISON(string_at_most, "string<=?", order_strings, <=)
COMPARISON(string_at_least, "string>=?", order_strings, >=)
COMPARISON(string_ci_equal, "string-ci=?", order_strings_ci, ==)
COMPARISON(char_equal, "char=?", order_chars, ==)
COMPARISON(char_less, "char<?", order_chars, <)
COMPARISON(char_greater, "char>?", order_chars, >)
COMPARISON(char_at_most, "char<=?", order_chars, <=)
COMPARISON(char_at_least, "char>=?", order_chars, >=)
COMPARISON(char_ci_equal, "char-ci=?", order_chars_ci, ==)
#undef COMPARISON

/* ---- Characters --------------------------------------------------------- */

#define CHARACTER(function, name, result)            \
  static value function(size_t count, value *args) { \
    (void)count;                                     \
    uint32_t c = check_char(name, args[0]);          \
    return result;                                   \
  }
CHARACTER(char_upcase, "char-upcase", character(upcase(c)))
CHARACTER(char_downcase, "char-downcase", character(downcase(c)))
CHARACTER(char_to_integer, "char->integer", fixnum((intptr_t)c))
CHARACTER(char_alphabetic, "char-alphabetic?", boolean(iswalpha((wint_t)c)))
CHARACTER(char_numeric, "char-numeric?", boolean(c >= '0' && c <= '9'))
CHARACTER(char_whitespace, "char-whitespace?", boolean(iswspace((wint_t)c)))
CHARACTER(char_upper, "char-upper-case?", boolean(iswupper((wint_t)c)))
CHARACTER(char_lower, "char-lower-case?", boolean(iswlower((wint_t)c)))
CHARACTER(digit_value, "digit-value",
          c >= '0' && c <= '9' ? fixnum((intptr_t)c - '0') : FALSE)
#undef CHARACTER

static value integer_to_char(size_t count, value *args) {
  (void)count;
  intptr_t code = is_fixnum(args[0]) ? fixnum_of(args[0]) : -1;
  if (code < 0 || code > 0x10ffff)
    error_wrong_type("integer->char", "a character's code", args[0]);
  return character((uint32_t)code);
}

void text_install(void) {
  static const struct primitive_entry entries[] = {
    { "string-ref", prim_string_ref, 2, 2 },
    { "string-set!", prim_string_set, 3, 3 },
    { "string-length", prim_string_length, 1, 1 },
    { "make-string", prim_make_string, 1, 2 },
    { "string", prim_string, 0, MANY },
    { "substring", prim_substring, 2, 3 },
    { "string-copy", prim_substring, 1, 3 },
    { "string-append", prim_string_append, 0, MANY },
    { "string->list", prim_string_to_list, 1, 3 },
    { "list->string", prim_list_to_string, 1, 1 },
    { "string->symbol", prim_string_to_symbol, 1, 1 },
    { "symbol->string", prim_symbol_to_string, 1, 1 },
    { "string-copy!", prim_string_copy_to, 3, 5 },
    { "string-fill!", prim_string_fill, 2, 2 },
    { "string-search", prim_string_search, 2, 2 },
    { "string-upcase", prim_string_upcase, 1, 1 },
    { "string-downcase", prim_string_downcase, 1, 1 },
    { "string=?", string_equal, 1, MANY },
    { "string<?", string_less, 1, MANY },
    { "string>?", string_greater, 1, MANY },
    { "string<=?", string_at_most, 1, MANY },
    { "string>=?", string_at_least, 1, MANY },
    { "string-ci=?", string_ci_equal, 1, MANY },
    { "char=?", char_equal, 1, MANY },
    { "char<?", char_less, 1, MANY },
    { "char>?", char_greater, 1, MANY },
    { "char<=?", char_at_most, 1, MANY },
    { "char>=?", char_at_least, 1, MANY },
    { "char-ci=?", char_ci_equal, 1, MANY },
    { "char-upcase", char_upcase, 1, 1 },
    { "char-downcase", char_downcase, 1, 1 },
    { "char->integer", char_to_integer, 1, 1 },
    { "integer->char", integer_to_char, 1, 1 },
    { "char-alphabetic?", char_alphabetic, 1, 1 },
    { "char-numeric?", char_numeric, 1, 1 },
    { "char-whitespace?", char_whitespace, 1, 1 },
    { "char-upper-case?", char_upper, 1, 1 },
    { "char-lower-case?", char_lower, 1, 1 },
    { "digit-value", digit_value, 1, 1 },
  };
  define_primitives(entries, COUNT_OF(entries));
}
