/* reader.h -- from text to data.
 *
 * While it reads it notes where each list started, so that the expander can
 * say file, line and column of what it dislikes.
 */
#ifndef SCHEME_READER_H
#define SCHEME_READER_H

#include "port.h"
#include "value.h"

/* The next datum, or END_OF_FILE.  Raises a read error; one that more text
 * could mend has the message reader_incomplete. */
value reader_read(struct port *port);

extern const char reader_incomplete[];

/* Where the list `datum` was read, if reader_read() made it lately. */
bool reader_position(value datum, struct position *position);

/* Forget all positions: what was read is compiled. */
void reader_forget_positions(void);

#endif
