/* analyse.c -- which lambdas are loops, where variables live.
 *
 * Two walks over the tree.
 *
 * 1. Loops.  A named let, or any letrec of one procedure that is called at
 *    once, needs no closure when every other use of its name is a call in tail
 *    position of its own body: such calls become jumps.  A loop in tail
 *    position of another may jump to that one as well.
 *
 * 2. Captures.  A closure copies the variables it uses from around it when it
 *    is made ("flat closures").  A copy is as good as the variable unless the
 *    variable changes later, so those that do are boxed: the copy is then of
 *    the box's address.  Variables that are set! are boxed even when nobody
 *    captures them, because call/cc copies the stack.
 *
 *    A definition in a body changes its variable too, from undefined to
 *    defined.  It needs no box if nobody captured it before, or if the
 *    capturer is a lambda of the same run of definitions: nothing can be
 *    called in between, so the closures made before are simply patched.
 *
 * Source: R. K. Dybvig, "Three implementation models for Scheme", 1987,
 * chapter 4, for flat closures and boxes.
 */

#include "compile.h"

/* ---- Loops -------------------------------------------------------------- */

/* A loop in whose tail position the walk is. */
struct context {
  struct variable *loop;
  struct context *outer;   /* the loop whose tail position this one is in */
  struct crossing *inside; /* calls of outer loops from in here           */
};

struct crossing {
  struct variable *loop;
  struct crossing *next;
};

static void find_loops(struct node *node, struct context *context);

/* (letrec ((loop (lambda ...))) (loop ...)), and never set. */
static bool is_loop_candidate(const struct node *node) {
  if (node->count != 2 || node->variables[0] == NULL
      || node->variables[1] != NULL)
    return false;
  const struct variable *loop = node->variables[0];
  const struct node *call = node->items[1];
  return loop->init != NULL && !loop->init->has_rest && !loop->is_assigned
         && call->kind == N_CALL && call->items[0]->kind == N_LOCAL
         && call->items[0]->variable == loop
         && call->count - 1 == loop->init->count;
}

static void find_in_candidate(struct node *node, struct context *outer) {
  struct variable *loop = node->variables[0];
  for (uint32_t i = 1; i < node->items[1]->count; i++)
    find_loops(node->items[1]->items[i], NULL);
  struct context context = { loop, outer, NULL };
  find_loops(loop->init->body, &context);
  loop->init->is_loop = loop->references == loop->loop_calls + 1;
  if (loop->init->is_loop)
    return;
  for (struct crossing *c = context.inside; c != NULL; c = c->next)
    c->loop->loop_calls--; /* it was no jump after all */
}

static void note_loop_call(const struct node *call, struct context *context) {
  if (call->items[0]->kind != N_LOCAL)
    return;
  struct variable *callee = call->items[0]->variable;
  struct context *target = context;
  while (target != NULL && target->loop != callee)
    target = target->outer;
  if (target == NULL || call->count - 1 != callee->init->count)
    return;
  callee->loop_calls++;
  for (; context != target; context = context->outer) {
    struct crossing *crossing = allocate(sizeof *crossing);
    crossing->loop = callee;
    crossing->next = context->inside;
    context->inside = crossing;
  }
}

/* `context`: the loops in whose tail position `node` is. */
static void find_loops(struct node *node, struct context *context) {
  switch (node->kind) {
  case N_LAMBDA:
    find_loops(node->lambda->body, NULL);
    return;
  case N_BODY:
    if (is_loop_candidate(node)) {
      find_in_candidate(node, context);
      return;
    }
    break;
  case N_CALL:
    note_loop_call(node, context);
    break;
  default:
    break;
  }
  bool last_is_tail = node->kind == N_SEQUENCE || node->kind == N_BODY
                      || node->kind == N_OR || node->kind == N_IF;
  for (uint32_t i = 0; i < node->count; i++) {
    bool is_tail = (last_is_tail && i == node->count - 1)
                   || (node->kind == N_IF && i == 1);
    find_loops(node->items[i], is_tail ? context : NULL);
  }
  if (node->kind == N_LET)
    find_loops(node->body, context);
}

/* ---- Captures ----------------------------------------------------------- */

/* The body whose definitions are being walked. */
struct variable_group {
  uint32_t run; /* of the definition, 0 for what is no lambda */
};

static void resolve(struct node *node, struct lambda *lambda);

static void own(struct variable *variable, struct lambda *lambda) {
  variable->owner = lambda;
  variable->is_boxed = variable->is_assigned;
}

static void add_captured(struct lambda *lambda, struct variable *variable) {
  for (uint32_t i = 0; i < lambda->captured_count; i++)
    if (lambda->captured[i] == variable)
      return;
  if (lambda->captured_count == lambda->captured_room) {
    uint32_t room = 2 * lambda->captured_room + 4;
    lambda->captured = allocate_more(
      lambda->captured, lambda->captured_count * sizeof *lambda->captured,
      room * sizeof *lambda->captured);
    lambda->captured_room = room;
  }
  lambda->captured[lambda->captured_count++] = variable;
}

static void resolve_use(struct variable *variable, struct lambda *lambda) {
  if (variable->owner == lambda)
    return;
  for (; lambda != variable->owner; lambda = lambda->outer)
    add_captured(lambda, variable);
  bool can_patch = variable->group != NULL && variable->index != 0
                   && variable->index == variable->group->run;
  if (variable->is_pending && !can_patch)
    variable->is_boxed = true;
}

/* Number the runs of definitions that are lambdas; others get 0. */
static void number_runs(struct node *body, struct variable_group *group) {
  uint32_t run = 0;
  for (uint32_t i = 0; i < body->count; i++) {
    struct variable *variable = body->variables[i];
    bool is_fixed = variable != NULL && variable->init != NULL
                    && !variable->is_assigned;
    run = !is_fixed ? 0 : run != 0 ? run : i + 1;
    if (variable == NULL)
      continue;
    variable->index = run;
    variable->group = group;
    variable->is_pending = true;
  }
}

static void resolve_body(struct node *body, struct lambda *lambda) {
  struct variable_group *group = allocate(sizeof *group);
  for (uint32_t i = 0; i < body->count; i++)
    if (body->variables[i] != NULL)
      own(body->variables[i], lambda);
  number_runs(body, group);
  for (uint32_t i = 0; i < body->count; i++) {
    struct variable *variable = body->variables[i];
    group->run = variable == NULL ? 0 : variable->index;
    resolve(body->items[i], lambda);
    if (variable != NULL)
      variable->is_pending = false;
  }
}

static void resolve_loop(struct node *node, struct lambda *lambda) {
  struct lambda *loop = node->variables[0]->init;
  for (uint32_t i = 1; i < node->items[1]->count; i++)
    resolve(node->items[1]->items[i], lambda);
  node->variables[0]->owner = lambda;
  for (uint32_t i = 0; i < loop->count; i++)
    own(loop->parameters[i], lambda);
  resolve(loop->body, lambda);
}

static void resolve_lambda(struct lambda *lambda, struct lambda *outer) {
  lambda->outer = outer;
  for (uint32_t i = 0; i < lambda->count; i++)
    own(lambda->parameters[i], lambda);
  resolve(lambda->body, lambda);
}

/* `lambda`: the procedure in whose frame `node` runs. */
static void resolve(struct node *node, struct lambda *lambda) {
  switch (node->kind) {
  case N_LOCAL:
    if (node->variable->init == NULL || !node->variable->init->is_loop)
      resolve_use(node->variable, lambda);
    return;
  case N_SET_LOCAL:
    resolve_use(node->variable, lambda);
    break;
  case N_LAMBDA:
    resolve_lambda(node->lambda, lambda);
    return;
  case N_BODY:
    if (node->variables[0] != NULL && node->variables[0]->init != NULL
        && node->variables[0]->init->is_loop)
      resolve_loop(node, lambda);
    else
      resolve_body(node, lambda);
    return;
  default:
    break;
  }
  for (uint32_t i = 0; i < node->count; i++)
    resolve(node->items[i], lambda);
  if (node->kind == N_LET) {
    for (uint32_t i = 0; i < node->count; i++)
      own(node->variables[i], lambda);
    resolve(node->body, lambda);
  }
}

void analyse(struct lambda *toplevel) {
  find_loops(toplevel->body, NULL);
  resolve_lambda(toplevel, NULL);
}
