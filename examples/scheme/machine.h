/* machine.h -- the machine that runs the code.
 *
 * A frame on the stack, growing upwards:
 *
 *         | return address | caller's closure | distance to its frame |
 *     fp: | argument 0 | ... | locals and temporaries | <- sp
 *
 * The stack is small and fixed.  When it is full, or when call/cc asks, its
 * contents move to a *segment* in the heap and the stack starts anew; when the
 * last frame on the stack returns, the youngest frame of the youngest segment
 * is copied back.  So recursion may go as deep as memory allows, a
 * continuation is a pair of words, capturing one twice copies nothing twice,
 * and the collector meets old frames as plain objects.
 *
 * Source: the incremental stack/heap strategy of W. Clinger, A. Hartheimer,
 * E. Ost, "Implementation strategies for first-class continuations",
 * Higher-Order and Symbolic Computation 12, 1999.
 */
#ifndef SCHEME_MACHINE_H
#define SCHEME_MACHINE_H

#include "value.h"

enum {
  MACHINE_STACK_WORDS = 1 << 15,
  MACHINE_FRAME_WORDS = 3,     /* below each frame pointer                  */
  MACHINE_FRAME_LIMIT = 20000, /* words one procedure may need              */
  MACHINE_MARGIN = 64          /* words to report a full stack with         */
};

struct code_mark { uint32_t offset, line, column; };

struct code {
  struct object head;
  value name; /* symbol or FALSE */
  uint32_t required;
  bool has_rest;
  uint32_t max_stack; /* slots above the frame pointer */
  value *words;
  size_t count;
  const char *file; /* NULL: part of the library */
  struct code_mark *marks; /* by rising offset */
  size_t mark_count;
};

/* Frames that left the stack; never changed afterwards. */
struct segment {
  struct segment *next; /* what was below them,                        */
  size_t next_count;    /* up to this slot                             */
  size_t below;         /* slots in all segments below                 */
  value slots[];
};

/* Call the procedure `thunk` without arguments.  What is uncaught in Scheme is
 * raised to the caller's catcher. */
value machine_execute(value thunk);

/* Where the running code stands in the program's source, as far as known. */
struct position machine_position(void);

/* Bound the depth of recursion. */
void machine_set_limit(size_t bytes);

void machine_install(void);

#endif
