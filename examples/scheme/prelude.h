/* prelude.h -- the part of the library that is written in Scheme: the text of
 * prelude.scm.  The build makes prelude.c of it (examples/local.mk). */
#ifndef SCHEME_PRELUDE_H
#define SCHEME_PRELUDE_H

extern const char prelude_text[];

#endif
