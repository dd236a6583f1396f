/* port.c -- text in and text out; see port.h. */

#include "port.h"

#include <errno.h>
#include <string.h>

#include "error.h"
#include "print.h"
#include "reader.h"

static struct {
  struct parameter *input, *output, *error;
} current;

value current_output(void) { return current.output->content; }

/* ---- UTF-8 -------------------------------------------------------------- */

size_t utf8_encode(uint32_t code, char *to) {
  if (code < 0x80) {
    to[0] = (char)code;
    return 1;
  }
  size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; i--, code >>= 6)
    to[i] = (char)(0x80 | (code & 0x3f));
  to[0] = (char)((0xf00u >> length) | code);
  return length;
}

static size_t sequence_length(unsigned char first) {
  if (first >= 0xc2 && first < 0xe0)
    return 2;
  if (first >= 0xe0 && first < 0xf0)
    return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 1;
}

uint32_t utf8_decode(const char *text, size_t bytes, size_t *length) {
  unsigned char first = (unsigned char)text[0];
  size_t size = sequence_length(first);
  *length = 1;
  if (size == 1 || size > bytes)
    return first;
  uint32_t code = first & (0x7fu >> size);
  for (size_t i = 1; i < size; i++) {
    if (((unsigned char)text[i] & 0xc0) != 0x80)
      return first;
    code = code << 6 | ((unsigned char)text[i] & 0x3f);
  }
  *length = size;
  return code;
}

/* ---- Making ports ------------------------------------------------------- */

static struct port *new_port(const char *name, bool is_input) {
  struct port *port = new_object(T_PORT, sizeof *port);
  port->name = name;
  port->is_input = is_input;
  port->is_open = true;
  port->line = port->column = 1;
  return port;
}

value port_of_input_text(const char *name, const char *text, size_t bytes) {
  struct port *port = new_port(name, true);
  port->text = allocate_atomic(bytes + 1);
  memcpy(port->text, text, bytes);
  port->length = bytes;
  return from_object(port);
}

/* Append `bytes` bytes at `text` to what the port holds. */
static void append(struct port *port, const char *text, size_t bytes) {
  if (port->length + bytes > port->room) {
    size_t room = 2 * port->room + bytes + 64;
    char *grown = allocate_atomic(room);
    if (port->length > 0)
      memcpy(grown, port->text, port->length);
    port->text = grown;
    port->room = room;
  }
  memcpy(port->text + port->length, text, bytes);
  port->length += bytes;
}

value port_of_input_file(const char *path) {
  FILE *file = fopen(path, "r");
  if (file == NULL)
    error_file(path, errno);
  struct port *port = new_port(string_of(string_of_text(path))->text, true);
  char buffer[16384];
  size_t bytes;
  while ((bytes = fread(buffer, 1, sizeof buffer, file)) > 0)
    append(port, buffer, bytes);
  int failed = ferror(file) ? errno : 0;
  fclose(file);
  if (failed)
    error_file(path, failed);
  return from_object(port);
}

value port_of_output_file(FILE *file, const char *name) {
  struct port *port = new_port(name, false);
  port->file = file;
  return from_object(port);
}

value port_of_output_text(void) {
  return from_object(new_port("string", false));
}

/* ---- Reading ------------------------------------------------------------ */

struct position port_position(const struct port *port) {
  return (struct position){ port->name, port->line, port->column };
}

/* Is there a byte to read?  A port on a terminal or pipe fetches a line. */
static bool has_more(struct port *port) {
  if (port->offset < port->length)
    return true;
  char line[1024];
  if (port->file == NULL || fgets(line, sizeof line, port->file) == NULL)
    return false;
  append(port, line, strlen(line));
  return port->offset < port->length;
}

int32_t port_peek_char(struct port *port) {
  if (!has_more(port))
    return PORT_END;
  size_t length;
  return (int32_t)utf8_decode(port->text + port->offset,
                              port->length - port->offset, &length);
}

int32_t port_read_char(struct port *port) {
  if (!has_more(port))
    return PORT_END;
  size_t length;
  uint32_t code = utf8_decode(port->text + port->offset,
                              port->length - port->offset, &length);
  port->offset += length;
  port->column++;
  if (code == '\n') {
    port->line++;
    port->column = 1;
  }
  return (int32_t)code;
}

/* ---- Writing ------------------------------------------------------------ */

void port_write_bytes(struct port *port, const char *text, size_t bytes) {
  if (port->file != NULL)
    fwrite(text, 1, bytes, port->file);
  else
    append(port, text, bytes);
}

void port_write_text(struct port *port, const char *text) {
  port_write_bytes(port, text, strlen(text));
}

void port_write_char(struct port *port, uint32_t code) {
  char text[4];
  port_write_bytes(port, text, utf8_encode(code, text));
}

/* ---- Primitives --------------------------------------------------------- */

/* Argument `i` if given, else `parameter`'s port. */
static struct port *port_argument(const char *who, size_t count, value *args,
                                  size_t i, struct parameter *parameter) {
  value v = i < count ? args[i] : parameter->content;
  bool wants_input = parameter == current.input;
  if (!is_type(v, T_PORT) || port_of(v)->is_input != wants_input)
    error_wrong_type(who, wants_input ? "an input port" : "an output port",
                     v);
  if (!port_of(v)->is_open)
    error_raise_who(who, "port is closed", v);
  return port_of(v);
}

static value prim_write(size_t count, value *args) {
  print_value(port_argument("write", count, args, 1, current.output), args[0],
              true);
  return UNSPECIFIED;
}

static value prim_display(size_t count, value *args) {
  print_value(port_argument("display", count, args, 1, current.output),
              args[0], false);
  return UNSPECIFIED;
}

static value prim_newline(size_t count, value *args) {
  port_write_char(port_argument("newline", count, args, 0, current.output),
                  '\n');
  return UNSPECIFIED;
}

static value prim_write_char(size_t count, value *args) {
  if (!is_char(args[0]))
    error_wrong_type("write-char", "a character", args[0]);
  port_write_char(port_argument("write-char", count, args, 1, current.output),
                  char_of(args[0]));
  return UNSPECIFIED;
}

static value prim_write_string(size_t count, value *args) {
  if (!is_string(args[0]))
    error_wrong_type("write-string", "a string", args[0]);
  port_write_bytes(
    port_argument("write-string", count, args, 1, current.output),
    string_of(args[0])->text, string_of(args[0])->bytes);
  return UNSPECIFIED;
}

static value prim_flush(size_t count, value *args) {
  struct port *port
    = port_argument("flush-output-port", count, args, 0, current.output);
  if (port->file != NULL)
    fflush(port->file);
  return UNSPECIFIED;
}

static value char_or_end(int32_t code) {
  return code == PORT_END ? END_OF_FILE : character((uint32_t)code);
}

static value prim_read_char(size_t count, value *args) {
  return char_or_end(port_read_char(
    port_argument("read-char", count, args, 0, current.input)));
}

static value prim_peek_char(size_t count, value *args) {
  return char_or_end(port_peek_char(
    port_argument("peek-char", count, args, 0, current.input)));
}

static value prim_read_line(size_t count, value *args) {
  struct port *port
    = port_argument("read-line", count, args, 0, current.input);
  struct port *line = port_of(port_of_output_text());
  int32_t code = port_read_char(port);
  if (code == PORT_END)
    return END_OF_FILE;
  for (; code != '\n' && code != PORT_END; code = port_read_char(port))
    port_write_char(line, (uint32_t)code);
  return string_of_bytes(line->text, line->length);
}

static value prim_read(size_t count, value *args) {
  return reader_read(port_argument("read", count, args, 0, current.input));
}

static value prim_open_input_string(size_t count, value *args) {
  (void)count;
  if (!is_string(args[0]))
    error_wrong_type("open-input-string", "a string", args[0]);
  return port_of_input_text("string", string_of(args[0])->text,
                            string_of(args[0])->bytes);
}

static value prim_open_output_string(size_t count, value *args) {
  (void)count, (void)args;
  return port_of_output_text();
}

static value prim_get_output_string(size_t count, value *args) {
  (void)count;
  if (!is_type(args[0], T_PORT) || port_of(args[0])->is_input
      || port_of(args[0])->file != NULL)
    error_wrong_type("get-output-string", "a string output port", args[0]);
  return string_of_bytes(port_of(args[0])->text, port_of(args[0])->length);
}

static const char *path_argument(const char *who, value v) {
  if (!is_string(v))
    error_wrong_type(who, "a string", v);
  return string_of(v)->text;
}

static value prim_open_input_file(size_t count, value *args) {
  (void)count;
  return port_of_input_file(path_argument("open-input-file", args[0]));
}

static value prim_open_output_file(size_t count, value *args) {
  (void)count;
  const char *path = path_argument("open-output-file", args[0]);
  FILE *file = fopen(path, "w");
  if (file == NULL)
    error_file(path, errno);
  return port_of_output_file(file, path);
}

static value prim_file_exists(size_t count, value *args) {
  (void)count;
  FILE *file = fopen(path_argument("file-exists?", args[0]), "r");
  if (file != NULL)
    fclose(file);
  return boolean(file != NULL);
}

static value prim_delete_file(size_t count, value *args) {
  (void)count;
  const char *path = path_argument("delete-file", args[0]);
  if (remove(path) != 0)
    error_file(path, errno);
  return UNSPECIFIED;
}

static value prim_close_port(size_t count, value *args) {
  (void)count;
  if (!is_type(args[0], T_PORT))
    error_wrong_type("close-port", "a port", args[0]);
  struct port *port = port_of(args[0]);
  if (port->is_open && port->file != NULL && port->file != stdout
      && port->file != stderr && port->file != stdin)
    fclose(port->file);
  port->is_open = false;
  return UNSPECIFIED;
}

static value prim_eof_object(size_t count, value *args) {
  (void)count, (void)args;
  return END_OF_FILE;
}

static struct parameter *new_port_parameter(const char *name, value port) {
  struct parameter *p = new_object(T_PARAMETER, sizeof *p);
  p->content = port;
  p->converter = FALSE;
  symbol_of(symbol(name))->global = from_object(p);
  return p;
}

void port_install(void) {
  static const struct primitive_entry entries[] = {
    { "write", prim_write, 1, 2 },
    { "write-simple", prim_write, 1, 2 },
    { "write-shared", prim_write, 1, 2 },
    { "display", prim_display, 1, 2 },
    { "newline", prim_newline, 0, 1 },
    { "write-char", prim_write_char, 1, 2 },
    { "write-string", prim_write_string, 1, 2 },
    { "flush-output-port", prim_flush, 0, 1 },
    { "read-char", prim_read_char, 0, 1 },
    { "peek-char", prim_peek_char, 0, 1 },
    { "read-line", prim_read_line, 0, 1 },
    { "read", prim_read, 0, 1 },
    { "open-input-string", prim_open_input_string, 1, 1 },
    { "open-output-string", prim_open_output_string, 0, 0 },
    { "get-output-string", prim_get_output_string, 1, 1 },
    { "open-input-file", prim_open_input_file, 1, 1 },
    { "open-output-file", prim_open_output_file, 1, 1 },
    { "file-exists?", prim_file_exists, 1, 1 },
    { "delete-file", prim_delete_file, 1, 1 },
    { "close-port", prim_close_port, 1, 1 },
    { "close-input-port", prim_close_port, 1, 1 },
    { "close-output-port", prim_close_port, 1, 1 },
    { "eof-object", prim_eof_object, 0, 0 },
  };
  define_primitives(entries, COUNT_OF(entries));
  struct port *input = new_port("stdin", true);
  input->file = stdin;
  current.input
    = new_port_parameter("current-input-port", from_object(input));
  current.output = new_port_parameter(
    "current-output-port", port_of_output_file(stdout, "stdout"));
  current.error = new_port_parameter(
    "current-error-port", port_of_output_file(stderr, "stderr"));
}
