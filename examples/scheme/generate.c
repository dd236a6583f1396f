/* generate.c -- from the tree to the machine's code.
 *
 * generate_node() emits code that leaves the node's value in the accumulator;
 * in tail position the code ends by returning or by a tail call.  The depth of
 * the stack above the frame pointer is known everywhere, so a local variable
 * is a slot: parameters first, then what let and bodies push, mixed with the
 * arguments of calls under way.
 */

#include "compile.h"

#include <string.h>

#include "error.h"
#include "expand.h"
#include "machine.h"

struct generator {
  struct lambda *lambda;
  value *words;
  size_t count, room;
  uint32_t depth, max_depth; /* slots in use above the frame pointer */
  struct code_mark *marks;
  size_t mark_count, mark_room;
  const char *file;
};

static void generate_node(struct generator *g, struct node *node,
                          bool is_tail);

/* ---- Emitting ----------------------------------------------------------- */

static void emit(struct generator *g, value word) {
  if (g->count == g->room) {
    size_t room = 2 * g->room + 32;
    g->words = allocate_more(g->words, g->count * sizeof *g->words,
                             room * sizeof *g->words);
    g->room = room;
  }
  g->words[g->count++] = word;
}

/* Note that code from here on belongs to `node`'s place in the source. */
static void mark(struct generator *g, const struct node *node) {
  const struct position *p = &node->position;
  struct code_mark *last
    = g->mark_count > 0 ? &g->marks[g->mark_count - 1] : NULL;
  if (p->file == NULL
      || (last != NULL && last->line == p->line && last->column == p->column))
    return;
  if (g->mark_count == g->mark_room) {
    size_t room = 2 * g->mark_room + 8;
    g->marks = allocate_more(g->marks, g->mark_count * sizeof *g->marks,
                             room * sizeof *g->marks);
    g->mark_room = room;
  }
  g->file = p->file;
  g->marks[g->mark_count++]
    = (struct code_mark){ (uint32_t)g->count, p->line, p->column };
}

static void emit_op(struct generator *g, const struct node *node,
                    enum opcode op) {
  mark(g, node);
  emit(g, op);
}

static void emit_op1(struct generator *g, const struct node *node,
                     enum opcode op, value operand) {
  emit_op(g, node, op);
  emit(g, operand);
}

static void deepen(struct generator *g, uint32_t slots) {
  g->depth += slots;
  if (g->depth > g->max_depth)
    g->max_depth = g->depth;
}

/* Emit a jump to a place not yet known; returns where to fill it in. */
static size_t emit_jump(struct generator *g, const struct node *node,
                        enum opcode op) {
  emit_op1(g, node, op, 0);
  return g->count - 1;
}

/* Jumps are relative to their operand. */
static void set_target(struct generator *g, size_t operand, size_t target) {
  g->words[operand] = (value)((intptr_t)target - (intptr_t)operand);
}

static void finish(struct generator *g, const struct node *node,
                   bool is_tail) {
  if (is_tail)
    emit_op(g, node, OP_RETURN);
}

/* ---- Variables ---------------------------------------------------------- */

static uint32_t captured_index(const struct lambda *lambda,
                               const struct variable *variable) {
  uint32_t i = 0;
  while (lambda->captured[i] != variable)
    i++;
  return i;
}

static void generate_local(struct generator *g, const struct node *node) {
  struct variable *v = node->variable;
  if (v->owner == g->lambda)
    emit_op1(g, node, v->is_boxed ? OP_LOCAL_BOX : OP_LOCAL, v->slot);
  else
    emit_op1(g, node, v->is_boxed ? OP_CAPTURED_BOX : OP_CAPTURED,
             captured_index(g->lambda, v));
}

static void generate_set_local(struct generator *g, struct node *node) {
  struct variable *v = node->variable;
  generate_node(g, node->items[0], false);
  if (v->owner == g->lambda)
    emit_op1(g, node, OP_SET_LOCAL_BOX, v->slot);
  else
    emit_op1(g, node, OP_SET_CAPTURED_BOX, captured_index(g->lambda, v));
  emit_op1(g, node, OP_CONSTANT, UNSPECIFIED);
}

/* Emit `node` and push its value. */
static void generate_push(struct generator *g, struct node *node) {
  struct variable *v = node->variable;
  if (node->kind == N_CONSTANT)
    emit_op1(g, node, OP_PUSH_CONSTANT, node->constant);
  else if (node->kind == N_GLOBAL)
    emit_op1(g, node, OP_PUSH_GLOBAL, node->constant);
  else if (node->kind == N_LOCAL && !v->is_boxed && v->owner == g->lambda)
    emit_op1(g, node, OP_PUSH_LOCAL, v->slot);
  else if (node->kind == N_LOCAL && !v->is_boxed)
    emit_op1(g, node, OP_PUSH_CAPTURED, captured_index(g->lambda, v));
  else {
    generate_node(g, node, false);
    emit_op(g, node, OP_PUSH);
  }
  deepen(g, 1);
}

/* ---- Lambdas ------------------------------------------------------------ */

/* CLOSURE code n c...: a c is slot * 2 to copy a slot of this frame, index * 2
 * + 1 to copy what this closure captured itself. */
static void generate_lambda(struct generator *g, const struct node *node) {
  struct lambda *lambda = node->lambda;
  emit_op1(g, node, OP_CLOSURE, from_object(generate(lambda)));
  emit(g, lambda->captured_count);
  for (uint32_t i = 0; i < lambda->captured_count; i++) {
    struct variable *v = lambda->captured[i];
    emit(g, v->owner == g->lambda
              ? (value)v->slot * 2
              : (value)captured_index(g->lambda, v) * 2 + 1);
  }
}

static void box_parameters(struct generator *g, const struct lambda *lambda) {
  for (uint32_t i = 0; i < lambda->count; i++)
    if (lambda->parameters[i]->is_boxed)
      emit_op1(g, lambda->body, OP_BOX_LOCAL, lambda->parameters[i]->slot);
}

static struct code *finish_code(const struct generator *g) {
  const struct lambda *lambda = g->lambda;
  struct code *code = new_object(T_CODE, sizeof *code);
  code->name = lambda->name;
  code->required = lambda->count - lambda->has_rest;
  code->has_rest = lambda->has_rest;
  code->max_stack = g->max_depth;
  code->words = allocate_more(g->words, g->count * sizeof *g->words,
                              g->count * sizeof *g->words);
  code->count = g->count;
  code->file = g->file;
  code->mark_count = g->mark_count;
  if (g->mark_count > 0) {
    code->marks = allocate_atomic(g->mark_count * sizeof *g->marks);
    memcpy(code->marks, g->marks, g->mark_count * sizeof *g->marks);
  }
  return code;
}

struct code *generate(struct lambda *lambda) {
  struct generator g = { .lambda = lambda };
  for (uint32_t i = 0; i < lambda->count; i++)
    lambda->parameters[i]->slot = i;
  deepen(&g, lambda->count);
  box_parameters(&g, lambda);
  generate_node(&g, lambda->body, true);
  if (g.max_depth > MACHINE_FRAME_LIMIT)
    error_raise_at(lambda->body->position, "error",
                   "procedure or call too large", NIL);
  return finish_code(&g);
}

/* ---- let and bodies ----------------------------------------------------- */

static void generate_pop(struct generator *g, const struct node *node,
                         uint32_t slots, bool is_tail) {
  if (!is_tail && slots > 0)
    emit_op1(g, node, OP_POP, slots);
  g->depth -= slots;
}

static void generate_let(struct generator *g, struct node *node,
                         bool is_tail) {
  for (uint32_t i = 0; i < node->count; i++) {
    struct variable *v = node->variables[i];
    v->slot = g->depth;
    if (v->is_boxed) {
      generate_node(g, node->items[i], false);
      emit_op(g, node, OP_PUSH_BOX);
      deepen(g, 1);
    } else {
      generate_push(g, node->items[i]);
    }
  }
  generate_node(g, node->body, is_tail);
  generate_pop(g, node, node->count, is_tail);
}

/* Closures of this run made up to now that captured `variable` too early. */
static void generate_patches(struct generator *g, const struct node *body,
                             uint32_t item) {
  struct variable *variable = body->variables[item];
  for (uint32_t i = 0; i <= item; i++) {
    struct variable *holder = body->variables[i];
    if (holder == NULL || holder->index != variable->index)
      continue;
    struct lambda *lambda = holder->init;
    for (uint32_t j = 0; j < lambda->captured_count; j++)
      if (lambda->captured[j] == variable) {
        emit_op1(g, body, OP_PATCH, holder->slot);
        emit(g, j);
        emit(g, holder->is_boxed);
      }
  }
}

static void generate_definition(struct generator *g, struct node *body,
                                uint32_t item) {
  struct variable *v = body->variables[item];
  generate_node(g, body->items[item], false);
  emit_op1(g, body, v->is_boxed ? OP_SET_LOCAL_BOX : OP_SET_LOCAL, v->slot);
  if (v->index != 0 && !v->is_boxed)
    generate_patches(g, body, item);
}

/* A slot for each variable, undefined at first; then the items in order. */
static void generate_body(struct generator *g, struct node *node,
                          bool is_tail) {
  uint32_t slots = 0;
  for (uint32_t i = 0; i < node->count; i++) {
    struct variable *v = node->variables[i];
    if (v == NULL)
      continue;
    v->slot = g->depth;
    if (v->is_boxed) {
      emit_op1(g, node, OP_CONSTANT, UNDEFINED);
      emit_op(g, node, OP_PUSH_BOX);
    } else {
      emit_op1(g, node, OP_PUSH_CONSTANT, UNDEFINED);
    }
    deepen(g, 1);
    slots++;
  }
  for (uint32_t i = 0; i < node->count - 1; i++)
    if (node->variables[i] != NULL)
      generate_definition(g, node, i);
    else
      generate_node(g, node->items[i], false);
  generate_node(g, node->items[node->count - 1], is_tail);
  generate_pop(g, node, slots, is_tail);
}

/* ---- Loops -------------------------------------------------------------- */

static struct lambda *loop_of(const struct node *operator) {
  if (operator->kind != N_LOCAL || operator->variable->init == NULL
      || !operator->variable->init->is_loop)
    return NULL;
  return operator->variable->init;
}

/* The arguments are pushed where the loop's variables live from then on. */
static void generate_loop(struct generator *g, struct node *node,
                          bool is_tail) {
  struct lambda *loop = node->variables[0]->init;
  uint32_t first = g->depth;
  for (uint32_t i = 0; i < loop->count; i++) {
    generate_push(g, node->items[1]->items[i + 1]);
    loop->parameters[i]->slot = first + i;
  }
  loop->loop_target = g->count;
  loop->loop_slot = first;
  box_parameters(g, loop);
  generate_node(g, loop->body, is_tail);
  generate_pop(g, node, loop->count, is_tail);
}

static void generate_jump_back(struct generator *g, struct node *call,
                               const struct lambda *loop) {
  for (uint32_t i = 1; i < call->count; i++)
    generate_push(g, call->items[i]);
  emit_op1(g, call, OP_LOOP, loop->loop_slot);
  emit(g, loop->count);
  emit(g, 0);
  set_target(g, g->count - 1, loop->loop_target);
  g->depth -= loop->count;
}

/* ---- Calls -------------------------------------------------------------- */

static void generate_call(struct generator *g, struct node *node,
                          bool is_tail) {
  struct node *operator = node->items[0];
  struct lambda *loop = loop_of(operator);
  if (loop != NULL) {
    generate_jump_back(g, node, loop);
    return;
  }
  uint32_t before = g->depth;
  if (!is_tail) {
    emit_op(g, node, OP_FRAME);
    deepen(g, MACHINE_FRAME_WORDS);
  }
  for (uint32_t i = 1; i < node->count; i++)
    generate_push(g, node->items[i]);
  if (operator->kind == N_GLOBAL) {
    emit_op1(g, node, is_tail ? OP_TAIL_CALL_GLOBAL : OP_CALL_GLOBAL,
             operator->constant);
    emit(g, node->count - 1);
  } else {
    generate_node(g, operator, false);
    emit_op1(g, node, is_tail ? OP_TAIL_CALL : OP_CALL, node->count - 1);
  }
  g->depth = before;
}

/* The operand word for the right operand of an immediate instruction. */
static bool has_immediate(const struct node *node) {
  if (node->inlining->immediate == 0
      || node->items[1]->kind != N_CONSTANT)
    return false;
  return is_fixnum(node->items[1]->constant)
         || node->inlining->op == OP_IS_EQ;
}

/* Operands of an inlined primitive, the last one into the accumulator;
 * returns the instruction to use on them. */
static enum opcode generate_operands(struct generator *g,
                                     struct node *node) {
  uint32_t count = has_immediate(node) ? 1 : node->count;
  for (uint32_t i = 0; i + 1 < count; i++)
    generate_push(g, node->items[i]);
  generate_node(g, node->items[count - 1], false);
  g->depth -= count - 1;
  return has_immediate(node) ? node->inlining->immediate
                             : node->inlining->op;
}

static void generate_inline(struct generator *g, struct node *node) {
  enum opcode op = generate_operands(g, node);
  emit_op(g, node, op);
  if (has_immediate(node))
    emit(g, node->items[1]->constant);
}

/* ---- Conditionals ------------------------------------------------------- */

/* Emit a jump that is taken when `test` is false. */
static size_t generate_test(struct generator *g, struct node *test) {
  if (test->kind != N_INLINE || !opcode_is_test(test->inlining->op)) {
    generate_node(g, test, false);
    return emit_jump(g, test, OP_JUMP_IF_FALSE);
  }
  enum opcode op = generate_operands(g, test);
  emit_op(g, test, op + 1);
  if (has_immediate(test))
    emit(g, test->items[1]->constant);
  emit(g, 0);
  return g->count - 1;
}

static void generate_if(struct generator *g, struct node *node,
                        bool is_tail) {
  struct node *test = node->items[0];
  struct node *then = node->items[1], *otherwise = node->items[2];
  while (test->kind == N_INLINE && test->inlining->op == OP_NOT) {
    struct node *swapped = then;
    test = test->items[0];
    then = otherwise;
    otherwise = swapped;
  }
  size_t to_else = generate_test(g, test);
  generate_node(g, then, is_tail);
  size_t to_end = is_tail ? 0 : emit_jump(g, node, OP_JUMP);
  set_target(g, to_else, g->count);
  generate_node(g, otherwise, is_tail);
  if (!is_tail)
    set_target(g, to_end, g->count);
}

static void generate_or(struct generator *g, struct node *node,
                        bool is_tail) {
  generate_node(g, node->items[0], false);
  size_t to_end = emit_jump(g, node, OP_JUMP_IF_TRUE);
  generate_node(g, node->items[1], is_tail);
  set_target(g, to_end, g->count);
  finish(g, node, is_tail);
}

/* ---- All nodes ---------------------------------------------------------- */

static void generate_global_change(struct generator *g, struct node *node,
                                   enum opcode op) {
  generate_node(g, node->items[0], false);
  emit_op1(g, node, op, node->constant);
  emit_op1(g, node, OP_CONSTANT, UNSPECIFIED);
}

static void generate_node(struct generator *g, struct node *node,
                          bool is_tail) {
  switch (node->kind) {
  /* These end by themselves in tail position. */
  case N_IF: generate_if(g, node, is_tail); return;
  case N_OR: generate_or(g, node, is_tail); return;
  case N_CALL: generate_call(g, node, is_tail); return;
  case N_LET: generate_let(g, node, is_tail); return;
  case N_SEQUENCE:
    for (uint32_t i = 0; i + 1 < node->count; i++)
      generate_node(g, node->items[i], false);
    generate_node(g, node->items[node->count - 1], is_tail);
    return;
  case N_BODY:
    if (node->variables[0] != NULL && node->variables[0]->init != NULL
        && node->variables[0]->init->is_loop)
      generate_loop(g, node, is_tail);
    else
      generate_body(g, node, is_tail);
    return;
  /* These leave a value. */
  case N_CONSTANT: emit_op1(g, node, OP_CONSTANT, node->constant); break;
  case N_LOCAL: generate_local(g, node); break;
  case N_GLOBAL: emit_op1(g, node, OP_GLOBAL, node->constant); break;
  case N_SET_LOCAL: generate_set_local(g, node); break;
  case N_SET_GLOBAL: generate_global_change(g, node, OP_SET_GLOBAL); break;
  case N_DEFINE: generate_global_change(g, node, OP_DEFINE); break;
  case N_LAMBDA: generate_lambda(g, node); break;
  case N_INLINE: generate_inline(g, node); break;
  }
  finish(g, node, is_tail);
}

value compile(value form) {
  struct lambda *toplevel = expand_toplevel(form);
  analyse(toplevel);
  struct closure *closure = new_object(T_CLOSURE, sizeof *closure);
  closure->code = generate(toplevel);
  return from_object(closure);
}
