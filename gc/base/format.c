// format.c -- see format.h

#include "base/format.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct output {
  char *text;
  size_t size;    // of text, NUL included
  size_t length;  // written, below size
};

struct conversion {
  unsigned width;
  char pad;
  unsigned longs;  // 0 int, 1 long or size_t, 2 long long
};

static void put(struct output *out, char c) {
  if (out->length + 1 < out->size)
    out->text[out->length++] = c;
}

static void put_padded(struct output *out, const char *text, size_t length,
                       struct conversion how) {
  for (size_t i = length; i < how.width; i++)
    put(out, how.pad);
  for (size_t i = 0; i < length; i++)
    put(out, text[i]);
}

static void put_unsigned(struct output *out, uint64_t value, unsigned base,
                         bool is_negative, struct conversion how) {
  char digits[24];
  size_t at = sizeof digits;
  do
    digits[--at] = "0123456789abcdef"[value % base];
  while (value /= base);
  if (is_negative && how.pad == '0') {  // the sign comes before the padding
    put(out, '-');
    how.width -= how.width > 0;
  } else if (is_negative) {
    digits[--at] = '-';
  }
  put_padded(out, digits + at, sizeof digits - at, how);
}

static uint64_t next_unsigned(va_list *arguments, unsigned longs) {
  if (longs == 0)
    return va_arg(*arguments, unsigned);
  if (longs == 1)
    return va_arg(*arguments, unsigned long);
  return va_arg(*arguments, unsigned long long);
}

static int64_t next_signed(va_list *arguments, unsigned longs) {
  if (longs == 0)
    return va_arg(*arguments, int);
  if (longs == 1)
    return va_arg(*arguments, long);
  return va_arg(*arguments, long long);
}

static void put_signed(struct output *out, int64_t value,
                       struct conversion how) {
  uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  put_unsigned(out, magnitude, 10, value < 0, how);
}

static const char *read_modifiers(const char *at, struct conversion *how) {
  *how = (struct conversion){ .pad = ' ' };
  if (*at == '0') {
    how->pad = '0';
    at++;
  }
  for (; *at >= '0' && *at <= '9'; at++)
    how->width = how->width * 10 + (unsigned)(*at - '0');
  for (; *at == 'l' || *at == 'z'; at++)
    how->longs++;
  return at;
}

static void convert(struct output *out, char kind, struct conversion how,
                    va_list *arguments) {
  switch (kind) {
  case 's': {
    const char *text = va_arg(*arguments, const char *);
    put_padded(out, text, strlen(text), how);
    break;
  }
  case 'c':
    put(out, (char)va_arg(*arguments, int));
    break;
  case 'd':
    put_signed(out, next_signed(arguments, how.longs), how);
    break;
  case 'u':
    put_unsigned(out, next_unsigned(arguments, how.longs), 10, false, how);
    break;
  case 'x':
    put_unsigned(out, next_unsigned(arguments, how.longs), 16, false, how);
    break;
  case 'p':
    put(out, '0');
    put(out, 'x');
    put_unsigned(out, (uintptr_t)va_arg(*arguments, void *), 16, false, how);
    break;
  default:
    put(out, kind);
  }
}

size_t format_text_list(char *text, size_t size, const char *format,
                        va_list arguments) {
  struct output out = { text, size, 0 };
  va_list list;
  va_copy(list, arguments);
  for (const char *at = format; *at; at++) {
    if (*at != '%') {
      put(&out, *at);
      continue;
    }
    struct conversion how;
    at = read_modifiers(at + 1, &how);
    if (!*at)
      break;
    convert(&out, *at, how, &list);
  }
  va_end(list);
  if (size > 0)
    text[out.length] = '\0';
  return out.length;
}

size_t format_text(char *text, size_t size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  size_t length = format_text_list(text, size, format, arguments);
  va_end(arguments);
  return length;
}

static void write_all(int descriptor, const char *text, size_t length) {
  int saved = errno;
  while (length > 0) {
    ssize_t done = write(descriptor, text, length);
    if (done < 0 && errno != EINTR)
      break;  // nowhere to complain to
    if (done > 0) {
      text += done;
      length -= (size_t)done;
    }
  }
  errno = saved;
}

PRINTF_LIKE(1, 0)
static void print_line_list(const char *format, va_list arguments) {
  static const char prefix[] = "gleaner: ";
  char line[FORMAT_LINE_BYTES];
  size_t length = sizeof prefix - 1;
  memcpy(line, prefix, length);
  length += format_text_list(line + length, sizeof line - length - 1, format,
                             arguments);
  line[length++] = '\n';
  write_all(STDERR_FILENO, line, length);
}

void print_line(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_line_list(format, arguments);
  va_end(arguments);
}

void print_to(int descriptor, const char *format, ...) {
  char text[FORMAT_LINE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  size_t length = format_text_list(text, sizeof text, format, arguments);
  va_end(arguments);
  write_all(descriptor, text, length);
}

void panic(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_line_list(format, arguments);
  va_end(arguments);
  abort();
}
