/* text.h -- strings and characters. */
#ifndef SCHEME_TEXT_H
#define SCHEME_TEXT_H

#include "value.h"

/* (string-ref string index) */
value text_ref(value string, value index);

void text_install(void);

#endif
