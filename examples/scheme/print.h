/* print.h -- from data to text. */
#ifndef SCHEME_PRINT_H
#define SCHEME_PRINT_H

#include "port.h"
#include "value.h"

/* As `write` does when `quoted`, otherwise as `display`. */
void print_value(struct port *port, value v, bool quoted);

/* "file:line:col: message: irritant ..." and a newline. */
void print_condition(struct port *port, value condition,
                     struct position position);

#endif
