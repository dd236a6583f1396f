/* port.h -- text in and text out.
 *
 * An input port is a text in memory and a place in it: a file is read as a
 * whole when it is opened.  An output port is a FILE, or a text that grows.
 */
#ifndef SCHEME_PORT_H
#define SCHEME_PORT_H

#include <stdio.h>

#include "value.h"

struct port {
  struct object head;
  const char *name; /* of the file, or of what stands in for one           */
  bool is_input, is_open;
  FILE *file;       /* where output goes; for input: more text, or NULL    */
  char *text;       /* input: all of it; string output: so far             */
  size_t length;    /* bytes in text                                       */
  size_t room;      /* bytes text has room for (output)                    */
  size_t offset;    /* next byte to read                                   */
  uint32_t line, column; /* of that byte, from 1                           */
};

static inline struct port *port_of(value v) { return (struct port *)v; }

value port_of_input_text(const char *name, const char *text, size_t bytes);
value port_of_input_file(const char *path); /* raises a file error */
value port_of_output_file(FILE *file, const char *name);
value port_of_output_text(void);

#define PORT_END (-1)
int32_t port_read_char(struct port *port); /* a character, or PORT_END */
int32_t port_peek_char(struct port *port);
struct position port_position(const struct port *port);

void port_write_bytes(struct port *port, const char *text, size_t bytes);
void port_write_text(struct port *port, const char *text);
void port_write_char(struct port *port, uint32_t code);

/* Bytes of `code` in UTF-8, stored at `to`; 1 to 4. */
size_t utf8_encode(uint32_t code, char *to);

/* Character at `text`, `bytes` long at least 1; stores its length.  A byte
 * that starts no character stands for itself. */
uint32_t utf8_decode(const char *text, size_t bytes, size_t *length);

value current_output(void);

/* Bind the port primitives and the current-...-port parameters. */
void port_install(void);

#endif
