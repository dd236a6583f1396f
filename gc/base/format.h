// format.h -- lines of text without malloc, stdio or locale
//
// The library may be inside malloc, in a signal handler, or have stopped a
// thread that holds the lock of stdio: so it formats into a buffer on the stack
// and writes with one system call.
//
// Conversions: %s %c %d %u %x %p %%, with l, ll or z, a width, and a leading
// zero.  Any thread, any signal handler.

#ifndef GLEANER_BASE_FORMAT_H
#define GLEANER_BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

#include "base/attributes.h"

#define FORMAT_LINE_BYTES 512

// Writes at most `size` bytes including a NUL; returns the length written.
size_t format_text(char *text, size_t size, const char *format, ...)
  PRINTF_LIKE(3, 4);
size_t format_text_list(char *text, size_t size, const char *format,
                        va_list arguments) PRINTF_LIKE(3, 0);

// One line to stderr: "gleaner: ...\n".  Keeps errno.
void print_line(const char *format, ...) PRINTF_LIKE(1, 2);

// The same to `descriptor`, without a prefix or a line feed.
void print_to(int descriptor, const char *format, ...) PRINTF_LIKE(2, 3);

// Misuse of memory or a broken heap: one line, then abort.
_Noreturn void panic(const char *format, ...) PRINTF_LIKE(1, 2) COLD;

// An assertion that stays in every build, where memory safety hangs on it.
#define CHECK(condition)                                                    \
  do {                                                                      \
    if (UNLIKELY(!(condition)))                                             \
      panic("internal check failed: %s (%s:%d)", #condition, __FILE__,      \
            __LINE__);                                                      \
  } while (0)

#endif
