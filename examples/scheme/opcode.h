/* opcode.h -- the instructions of the machine.
 *
 * Code is an array of words: an opcode, then its operands.  The machine has an
 * accumulator (A) and a stack; `slot` is a distance from the frame pointer.
 * Binary instructions take their left operand from the stack and the right one
 * from A; the ..._IMMEDIATE forms take A and an operand word.
 *
 * A test leaves #t or #f in A.  Its twin ..._BRANCH, always the next number,
 * leaves A alone and jumps to its operand when the test fails.
 */
#ifndef SCHEME_OPCODE_H
#define SCHEME_OPCODE_H

#define OPCODES(X)                                                         \
  X(CONSTANT)            /* value        A = value                       */ \
  X(LOCAL)               /* slot         A = frame[slot]                 */ \
  X(LOCAL_BOX)           /* slot         A = *frame[slot]                */ \
  X(CAPTURED)            /* index        A = closure[index]              */ \
  X(CAPTURED_BOX)        /* index        A = *closure[index]             */ \
  X(GLOBAL)              /* symbol       A = its value                   */ \
  X(PUSH)                /*              push A                          */ \
  X(PUSH_CONSTANT)       /* value                                        */ \
  X(PUSH_LOCAL)          /* slot                                         */ \
  X(PUSH_CAPTURED)       /* index                                        */ \
  X(PUSH_GLOBAL)         /* symbol                                       */ \
  X(SET_LOCAL)           /* slot         frame[slot] = A                 */ \
  X(SET_LOCAL_BOX)       /* slot         *frame[slot] = A                */ \
  X(SET_CAPTURED_BOX)    /* index        *closure[index] = A             */ \
  X(SET_GLOBAL)          /* symbol       must be defined                 */ \
  X(DEFINE)              /* symbol                                       */ \
  X(BOX_LOCAL)           /* slot         frame[slot] = box of it         */ \
  X(PUSH_BOX)            /*              push a box of A                 */ \
  X(CLOSURE)             /* code n c...  A = closure; c: see generate.c  */ \
  X(PATCH)               /* slot i boxed (closure in slot)[i] = A        */ \
  X(JUMP)                /* target                                       */ \
  X(JUMP_IF_FALSE)       /* target                                       */ \
  X(JUMP_IF_TRUE)        /* target                                       */ \
  X(FRAME)               /*              room for the return address     */ \
  X(CALL)                /* n            call A with n arguments         */ \
  X(TAIL_CALL)           /* n                                            */ \
  X(CALL_GLOBAL)         /* symbol n                                     */ \
  X(TAIL_CALL_GLOBAL)    /* symbol n                                     */ \
  X(RETURN)              /*              A to the caller                 */ \
  X(POP)                 /* n            drop n words                    */ \
  X(LOOP)                /* slot n target  top n words to slot..., jump  */ \
  X(UNDERFLOW)           /*              the stack's last frame returns  */ \
  X(CAR)                                                                   \
  X(CDR)                                                                   \
  X(CADR)                                                                  \
  X(CDDR)                                                                  \
  X(VECTOR_LENGTH)                                                         \
  X(CONS)                                                                  \
  X(SET_CAR)                                                               \
  X(SET_CDR)                                                               \
  X(ADD)                                                                   \
  X(ADD_IMMEDIATE)                                                         \
  X(SUBTRACT)                                                              \
  X(SUBTRACT_IMMEDIATE)                                                    \
  X(MULTIPLY)                                                              \
  X(QUOTIENT)                                                              \
  X(REMAINDER)                                                             \
  X(VECTOR_REF)                                                            \
  X(VECTOR_SET)          /* vector and index pushed, value in A          */ \
  X(STRING_REF)

#define TEST_OPCODES(X)  \
  X(IS_NULL)             \
  X(IS_PAIR)             \
  X(IS_ZERO)             \
  X(NOT)                 \
  X(IS_EQ)               \
  X(IS_EQ_IMMEDIATE)     \
  X(LESS)                \
  X(LESS_IMMEDIATE)      \
  X(GREATER)             \
  X(GREATER_IMMEDIATE)   \
  X(AT_MOST)             \
  X(AT_MOST_IMMEDIATE)   \
  X(AT_LEAST)            \
  X(AT_LEAST_IMMEDIATE)  \
  X(EQUAL)               \
  X(EQUAL_IMMEDIATE)

enum opcode {
#define ENUMERATE(name) OP_##name,
  OPCODES(ENUMERATE)
#undef ENUMERATE
#define ENUMERATE(name) OP_##name, OP_##name##_BRANCH,
  TEST_OPCODES(ENUMERATE)
#undef ENUMERATE
  OP_COUNT
};

/* A global name whose calls become an instruction, until the program gives
 * the name another value. */
struct inlining {
  const char *name;
  unsigned operands;
  enum opcode op;
  enum opcode immediate; /* for a constant right operand, or 0 */
};

static inline int opcode_is_test(enum opcode op) {
  return op >= OP_IS_NULL;
}

#endif
