/* library.h -- the procedures programs call: in C (library.c and the
 * ..._install functions of other modules) and in Scheme (prelude.scm). */
#ifndef SCHEME_LIBRARY_H
#define SCHEME_LIBRARY_H

#include "value.h"

/* Bind everything. */
void library_install(void);

/* The primitive `name` itself, even if the program redefined the name. */
value library_primitive(const char *name);

#endif
