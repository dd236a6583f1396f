/* number.h -- fixnums, bignums and flonums.
 *
 * Exact integers are fixnums while they fit in 63 bits and bignums beyond;
 * bignums are computed by GMP, whose memory comes from the regime too.  There
 * are no fractions: (/ 1 3) is a flonum.
 */
#ifndef SCHEME_NUMBER_H
#define SCHEME_NUMBER_H

#include "value.h"

/* Each raises an error if an argument is no number. */
value number_add(value a, value b);
value number_subtract(value a, value b);
value number_multiply(value a, value b);
value number_divide(value a, value b);
value number_quotient(value a, value b);  /* towards zero */
value number_remainder(value a, value b); /* sign of a    */
value number_modulo(value a, value b);    /* sign of b    */

bool number_less(value a, value b);
bool number_equal(value a, value b);

/* Of one type and equal, for eqv?; both flonums or both bignums. */
bool number_is_same(value a, value b);

value number_from_integer(intptr_t n);
bool is_number(value v);

/* In `base`, flonums with as few digits as read back the same. */
const char *number_text(value v, unsigned base);

/* The number that `text` denotes, #x and its like included; FALSE if none. */
value number_parse(const char *text, unsigned base);

size_t number_hash(value v); /* flonum or bignum */

void number_install(void);

#endif
