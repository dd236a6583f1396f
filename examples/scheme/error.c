/* error.c -- raising Scheme errors from C; see error.h. */

#include "error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

static struct {
  struct catcher *catcher;
  value condition;
  value out_of_memory; /* made beforehand: there is none left then */
  struct position position;
} errors;

void error_push_catcher(struct catcher *catcher) {
  if (errors.out_of_memory == 0)
    errors.out_of_memory = error_make("error", string_of_text("out of memory"),
                                      NIL, (struct position){ 0 });
  catcher->outer = errors.catcher;
  errors.catcher = catcher;
}

void error_pop_catcher(struct catcher *catcher) {
  errors.catcher = catcher->outer;
}

value error_condition(void) { return errors.condition; }
struct position error_position(void) { return errors.position; }

void error_set_position(struct position position) {
  errors.position = position;
}

_Noreturn void error_raise(value condition) {
  struct catcher *catcher = errors.catcher;
  if (catcher == NULL) { /* at the start, or while an error is printed */
    fputs("scheme: out of memory\n", stderr);
    exit(1);
  }
  errors.condition = condition;
  errors.catcher = catcher->outer;
  longjmp(catcher->jump, 1);
}

value error_make(const char *kind, value message, value irritants,
                 struct position position) {
  struct error *error = new_object(T_ERROR, sizeof *error);
  error->kind = symbol(kind);
  error->message = message;
  error->irritants = irritants;
  error->position = position;
  return from_object(error);
}

_Noreturn void error_raise_at(struct position position, const char *kind,
                              const char *message, value irritants) {
  error_raise(error_make(kind, string_of_text(message), irritants, position));
}

_Noreturn void error_raise_message(const char *message, value irritants) {
  error_raise_at(machine_position(), "error", message, irritants);
}

_Noreturn void error_raise_who(const char *who, const char *message,
                               value irritant) {
  char text[200];
  snprintf(text, sizeof text, "%s: %s", who, message);
  error_raise_message(text, cons(irritant, NIL));
}

_Noreturn void error_wrong_type(const char *who, const char *wanted,
                                value got) {
  char text[200];
  snprintf(text, sizeof text, "%s: not %s", who, wanted);
  error_raise_message(text, cons(got, NIL));
}

_Noreturn void error_out_of_memory(void) {
  if (errors.out_of_memory == 0) {
    fputs("scheme: out of memory\n", stderr);
    exit(1);
  }
  error_of(errors.out_of_memory)->position = machine_position();
  error_raise(errors.out_of_memory);
}

_Noreturn void error_file(const char *path, int number) {
  error_raise_at(machine_position(), "file-error", strerror(number),
                 cons(string_of_text(path), NIL));
}
