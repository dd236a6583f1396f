/* expand.h -- from data to the tree of node.h: names, special forms, macros.
 *
 * Hygiene: an identifier is a symbol, or an alias that a macro's template
 * inserted.  An alias that a binding form binds is a name of its own; one that
 * nothing binds means what its symbol means where the macro was defined.  A
 * macro can so neither capture names of its user nor be captured by them.
 *
 * Source: the renaming view of W. Clinger and J. Rees, "Macros that work",
 * POPL 1991.
 */
#ifndef SCHEME_EXPAND_H
#define SCHEME_EXPAND_H

#include "node.h"
#include "value.h"

struct scope {
  struct scope *outer;
  struct binding *bindings;
};

typedef struct node *(*special_form)(value form, struct scope *scope);

/* What a name in front of a form can mean: a special form, expanded by a
 * function, or a macro of syntax-rules (macro.c). */
struct syntax {
  struct object head;
  special_form special; /* NULL for a macro */
  value ellipsis, literals, rules;
  struct scope *scope; /* where the macro was defined */
};

/* A procedure without parameters that does what the top-level form says. */
struct lambda *expand_toplevel(value form);

/* Raise a syntax error at `form`. */
_Noreturn void expand_fail(value form, const char *message);

bool expand_is_identifier(value v);

/* Do two identifiers, each seen from its scope, mean the same? */
bool expand_is_same(value a, struct scope *a_scope, value b,
                    struct scope *b_scope);

value expand_alias(value name, struct scope *scope);

/* `datum` with symbols in place of aliases. */
value expand_strip(value datum);

void expand_install(void);

/* macro.c: parse (syntax-rules ...), expand one use. */
value macro_parse(value rules, struct scope *scope);
value macro_expand(struct syntax *macro, value form, struct scope *scope);

#endif
