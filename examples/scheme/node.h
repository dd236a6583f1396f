/* node.h -- the program between expander and code generator: a tree.
 *
 * What the tree says is Scheme without derived forms: each name is resolved to
 * a variable or a global symbol.
 */
#ifndef SCHEME_NODE_H
#define SCHEME_NODE_H

#include "opcode.h"
#include "value.h"

enum node_kind {
  N_CONSTANT,   /* constant                                               */
  N_LOCAL,      /* variable                                               */
  N_GLOBAL,     /* constant: the symbol                                   */
  N_SET_LOCAL,  /* variable, items[0]                                     */
  N_SET_GLOBAL, /* constant, items[0]                                     */
  N_DEFINE,     /* constant, items[0]; top level only                     */
  N_IF,         /* items: test, then, else                                */
  N_OR,         /* items: two                                             */
  N_SEQUENCE,   /* items: count > 0, the last one's value                 */
  N_LAMBDA,     /* lambda                                                 */
  N_CALL,       /* items: operator, then count - 1 arguments              */
  N_INLINE,     /* inlining, items: its operands                          */
  N_LET,        /* variables, one per item; body                          */
  N_BODY        /* letrec*: items in order, each stored into its variable
                   unless that is NULL; the last one's value              */
};

struct lambda;

struct variable {
  value name;
  struct lambda *owner;   /* whose frame it lives in (analyse.c)            */
  struct lambda *init;    /* what a definition binds it to, if a lambda     */
  struct variable_group *group; /* the N_BODY that is being analysed        */
  uint32_t index;         /* its run of definitions there, see analyse.c    */
  uint32_t references;    /* how often it is read                           */
  uint32_t loop_calls;    /* of these, calls that could be jumps            */
  uint32_t slot;          /* in the frame (generate.c)                      */
  bool is_assigned;       /* by set!                                        */
  bool is_pending;        /* its definition was not yet analysed            */
  bool is_boxed;          /* lives in a cell of its own                     */
};

struct lambda {
  value name; /* symbol or FALSE */
  struct variable **parameters;
  uint32_t count;   /* of parameters, the rest one included               */
  bool has_rest;
  bool is_loop;     /* no closure: code in its surroundings, calls jump   */
  struct node *body;
  struct lambda *outer;
  struct variable **captured; /* of outer frames, in closure order        */
  uint32_t captured_count, captured_room;
  size_t loop_target;    /* if is_loop, for generate.c: first instruction */
  uint32_t loop_slot;    /* and first slot                                */
};

struct node {
  enum node_kind kind;
  struct position position;
  uint32_t count;
  union {
    value constant;
    struct variable *variable;
    struct variable **variables;
    struct lambda *lambda;
    const struct inlining *inlining;
  };
  struct node **items;
  struct node *body;
};

#endif
