/* hash.h -- hash tables, with names as in SRFI 69. */
#ifndef SCHEME_HASH_H
#define SCHEME_HASH_H

void hash_install(void);

#endif
