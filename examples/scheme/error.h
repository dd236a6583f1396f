/* error.h -- raising Scheme errors from C.
 *
 * A raised condition leaves C by longjmp to the innermost catcher.  While the
 * machine runs that is the machine, which calls the Scheme handlers; while a
 * file is read or compiled at top level it is main.c, which prints.  Nothing
 * is ever freed, so nothing has to be unwound.
 */
#ifndef SCHEME_ERROR_H
#define SCHEME_ERROR_H

#include <setjmp.h>

#include "value.h"

struct catcher {
  jmp_buf jump;
  struct catcher *outer;
};

/* The usual shape:
 *
 *     struct catcher catcher;
 *     error_push_catcher(&catcher);
 *     if (setjmp(catcher.jump) == 0) { ... error_pop_catcher(&catcher); }
 *     else { ... error_condition() ... }        // popped already
 */
void error_push_catcher(struct catcher *catcher);
void error_pop_catcher(struct catcher *catcher);

/* What was raised last. */
value error_condition(void);

/* Where it was raised, for conditions that are no error objects. */
struct position error_position(void);
void error_set_position(struct position position);

/* Raise any value. */
_Noreturn void error_raise(value condition);

/* Raise an error object; its position is that of the running code. */
_Noreturn void error_raise_message(const char *message, value irritants);

/* "WHO: MESSAGE: IRRITANT" */
_Noreturn void error_raise_who(const char *who, const char *message,
                               value irritant);
_Noreturn void error_wrong_type(const char *who, const char *wanted, value got);

/* Errors of the reader and the expander know their place themselves. */
_Noreturn void error_raise_at(struct position position, const char *kind,
                              const char *message, value irritants);
_Noreturn void error_out_of_memory(void);
_Noreturn void error_file(const char *path, int number);

value error_make(const char *kind, value message, value irritants,
                 struct position position);

#endif
