/* compile.h -- from data to code: expand, analyse, generate. */
#ifndef SCHEME_COMPILE_H
#define SCHEME_COMPILE_H

#include "node.h"
#include "value.h"

/* A procedure without parameters that does what the top-level form says.
 * Raises syntax errors. */
value compile(value form);

/* The steps after expand_toplevel(). */
void analyse(struct lambda *toplevel);
struct code *generate(struct lambda *lambda);

#endif
