/* expand.c -- names and special forms; see expand.h.
 *
 * expand() looks at one form and either builds its node or hands it to the
 * function of its special form.  Bodies take two passes: the first finds the
 * definitions, expanding macros as far as it must, the second expands what
 * they are bound to, when all names are known.
 */

#include "expand.h"

#include <string.h>

#include "error.h"
#include "library.h"
#include "reader.h"

enum { NESTING_LIMIT = 3000 };

struct binding {
  value name;
  struct variable *variable; /* or NULL, then: */
  value syntax;
  struct binding *next;
};

static struct {
  struct position here; /* of the innermost form that has a position */
  unsigned depth;
} state;

static struct node *expand(value form, struct scope *scope);
static struct node *expand_body(value forms, struct scope *scope);

_Noreturn void expand_fail(value form, const char *message) {
  struct position position = state.here;
  reader_position(form, &position);
  error_raise_at(position, "error", message, cons(expand_strip(form), NIL));
}

/* One level deeper; expand() comes back up. */
static void nest(void) {
  if (++state.depth > NESTING_LIMIT)
    error_raise_at(state.here, "error", "expression nested too deeply", NIL);
}

/* ---- Names -------------------------------------------------------------- */

bool expand_is_identifier(value v) {
  return is_object(v) && (is_symbol(v) || is_type(v, T_ALIAS));
}

value expand_alias(value name, struct scope *scope) {
  struct alias *alias = new_object(T_ALIAS, sizeof *alias);
  alias->name = name;
  alias->scope = scope;
  return from_object(alias);
}

/* The global name `name`, whatever it means where it is inserted. */
static value global_name(const char *name) {
  return expand_alias(symbol(name), NULL);
}

static value strip_identifier(value name) {
  while (is_type(name, T_ALIAS))
    name = alias_of(name)->name;
  return name;
}

static value strip_vector(value v) {
  value copy = vector(T_VECTOR, vector_of(v)->length, NIL);
  for (size_t i = 0; i < vector_of(v)->length; i++)
    vector_of(copy)->items[i] = expand_strip(vector_of(v)->items[i]);
  return copy;
}

static bool has_alias(value datum) {
  for (; is_pair(datum); datum = cdr(datum))
    if (has_alias(car(datum)))
      return true;
  if (is_vector(datum))
    for (size_t i = 0; i < vector_of(datum)->length; i++)
      if (has_alias(vector_of(datum)->items[i]))
        return true;
  return is_type(datum, T_ALIAS);
}

value expand_strip(value datum) {
  if (!has_alias(datum))
    return datum;
  if (!is_pair(datum))
    return is_vector(datum) ? strip_vector(datum) : strip_identifier(datum);
  value head = NIL;
  for (; is_pair(datum); datum = cdr(datum))
    head = cons(expand_strip(car(datum)), head);
  value list = expand_strip(datum);
  for (; is_pair(head); head = cdr(head))
    list = cons(car(head), list);
  return list;
}

/* What `name` means in `scope`: a local binding, or NULL and the symbol that
 * is the global one. */
static struct binding *lookup(value name, struct scope *scope,
                              value *global) {
  for (;;) {
    for (; scope != NULL; scope = scope->outer)
      for (struct binding *b = scope->bindings; b != NULL; b = b->next)
        if (b->name == name)
          return b;
    if (is_symbol(name)) {
      *global = name;
      return NULL;
    }
    scope = alias_of(name)->scope;
    name = alias_of(name)->name;
  }
}

bool expand_is_same(value a, struct scope *a_scope, value b,
                    struct scope *b_scope) {
  value a_global = NIL, b_global = NIL;
  struct binding *a_binding = lookup(a, a_scope, &a_global);
  struct binding *b_binding = lookup(b, b_scope, &b_global);
  return a_binding == b_binding && a_global == b_global;
}

/* The syntax that `form` starts with, or NULL. */
static struct syntax *syntax_of_form(value form, struct scope *scope) {
  if (!is_pair(form) || !expand_is_identifier(car(form)))
    return NULL;
  value global;
  struct binding *b = lookup(car(form), scope, &global);
  value syntax = b == NULL ? symbol_of(global)->syntax : b->syntax;
  return is_type(syntax, T_SYNTAX) ? (struct syntax *)syntax : NULL;
}

/* Is `v` the auxiliary keyword `name` (else, =>, ...)? */
static bool is_keyword(value v, const char *name, struct scope *scope) {
  return expand_is_identifier(v)
         && expand_is_same(v, scope, symbol(name), NULL);
}

static struct scope *new_scope(struct scope *outer) {
  struct scope *scope = allocate(sizeof *scope);
  scope->outer = outer;
  return scope;
}

static struct binding *bind(struct scope *scope, value name) {
  struct binding *b = allocate(sizeof *b);
  b->name = name;
  b->syntax = FALSE;
  b->next = scope->bindings;
  scope->bindings = b;
  return b;
}

static struct variable *bind_variable(struct scope *scope, value name) {
  if (!expand_is_identifier(name))
    expand_fail(name, "not an identifier");
  for (struct binding *b = scope->bindings; b != NULL; b = b->next)
    if (b->name == name)
      expand_fail(name, "name bound twice");
  struct variable *variable = allocate(sizeof *variable);
  variable->name = strip_identifier(name);
  bind(scope, name)->variable = variable;
  return variable;
}

/* ---- Nodes -------------------------------------------------------------- */

static struct node *new_node(enum node_kind kind, uint32_t count) {
  struct node *node = allocate(sizeof *node);
  node->kind = kind;
  node->position = state.here;
  node->count = count;
  if (count > 0)
    node->items = allocate(count * sizeof *node->items);
  return node;
}

static struct node *constant(value v) {
  struct node *node = new_node(N_CONSTANT, 0);
  node->constant = v;
  return node;
}

static struct node *reference(struct variable *variable) {
  struct node *node = new_node(N_LOCAL, 0);
  node->variable = variable;
  variable->references++;
  return node;
}

static struct node *new_if(struct node *test, struct node *then,
                           struct node *otherwise) {
  struct node *node = new_node(N_IF, 3);
  node->items[0] = test;
  node->items[1] = then;
  node->items[2] = otherwise;
  return node;
}

static struct node *sequence_of_two(struct node *first, struct node *second) {
  struct node *node = new_node(N_SEQUENCE, 2);
  node->items[0] = first;
  node->items[1] = second;
  return node;
}

static struct node *call_of(struct node *operator, uint32_t arguments) {
  struct node *node = new_node(N_CALL, arguments + 1);
  node->items[0] = operator;
  return node;
}

/* A call of the primitive `name`, whatever the program did to that name. */
static struct node *primitive_call(const char *name, struct node *first,
                                   struct node *second) {
  struct node *node
    = call_of(constant(library_primitive(name)), second == NULL ? 1 : 2);
  node->items[1] = first;
  if (second != NULL)
    node->items[2] = second;
  return node;
}

/* A loop: a lambda bound to a variable that only its own body knows. */
static struct node *new_loop(struct variable *loop, struct lambda *lambda,
                             struct node *call) {
  struct node *node = new_node(N_BODY, 2);
  node->variables = allocate(2 * sizeof *node->variables);
  node->variables[0] = loop;
  node->items[0] = new_node(N_LAMBDA, 0);
  node->items[0]->lambda = lambda;
  loop->init = lambda;
  lambda->name = loop->name;
  node->items[1] = call;
  return node;
}

static void name_lambda(struct node *node, value name) {
  if (node->kind == N_LAMBDA && node->lambda->name == FALSE)
    node->lambda->name = strip_identifier(name);
}

/* ---- Checking the shape of forms ---------------------------------------- */

/* Length of the proper list `form`, at least `least`. */
static uint32_t check_length(value form, ptrdiff_t least, ptrdiff_t most) {
  ptrdiff_t length = list_length(form);
  if (length < least || length > most)
    expand_fail(form, "bad syntax");
  return (uint32_t)length;
}

enum { ANY_LENGTH = 1 << 30 };

/* The parts of a binding (name value) in `form`. */
static void check_binding(value binding, value form) {
  if (list_length(binding) != 2 || !expand_is_identifier(car(binding)))
    expand_fail(form, "bad binding");
}

/* ---- Forms -------------------------------------------------------------- */

static struct node *expand_identifier(value name, struct scope *scope) {
  value global;
  struct binding *b = lookup(name, scope, &global);
  if (b != NULL && b->variable != NULL)
    return reference(b->variable);
  if (b != NULL || symbol_of(global)->syntax != FALSE)
    expand_fail(strip_identifier(name), "keyword used as an expression");
  struct node *node = new_node(N_GLOBAL, 0);
  node->constant = global;
  return node;
}

static struct node *inline_call(const struct inlining *inlining, value args,
                                struct scope *scope) {
  struct node *node = new_node(N_INLINE, inlining->operands);
  node->inlining = inlining;
  for (uint32_t i = 0; i < inlining->operands; i++, args = cdr(args))
    node->items[i] = expand(car(args), scope);
  return node;
}

/* (+ a b c) as (+ (+ a b) c), and the same for *. */
static struct node *inline_fold(const struct inlining *inlining, value args,
                                struct scope *scope) {
  struct node *node = inline_call(inlining, args, scope);
  for (args = cddr(args); is_pair(args); args = cdr(args)) {
    struct node *outer = new_node(N_INLINE, 2);
    outer->inlining = inlining;
    outer->items[0] = node;
    outer->items[1] = expand(car(args), scope);
    node = outer;
  }
  return node;
}

static const struct inlining *inlining_of(value operator,
                                          struct scope *scope) {
  value global;
  if (!expand_is_identifier(operator)
      || lookup(operator, scope, &global) != NULL)
    return NULL;
  return symbol_of(global)->inlining;
}

static struct node *expand_call(value form, struct scope *scope) {
  uint32_t arguments = check_length(form, 1, ANY_LENGTH) - 1;
  const struct inlining *inlining = inlining_of(car(form), scope);
  if (inlining != NULL && inlining->operands == arguments)
    return inline_call(inlining, cdr(form), scope);
  if (inlining != NULL && arguments > 2 && arguments < 100
      && (inlining->op == OP_ADD || inlining->op == OP_MULTIPLY))
    return inline_fold(inlining, cdr(form), scope);
  struct node *node = new_node(N_CALL, arguments + 1);
  for (uint32_t i = 0; i <= arguments; i++, form = cdr(form))
    node->items[i] = expand(car(form), scope);
  return node;
}

static struct node *expand_form(value form, struct scope *scope) {
  for (;;) {
    struct syntax *syntax = syntax_of_form(form, scope);
    if (syntax == NULL)
      break;
    if (syntax->special != NULL)
      return syntax->special(form, scope);
    if (++state.depth > NESTING_LIMIT)
      expand_fail(form, "macro expansion does not end");
    form = macro_expand(syntax, form, scope);
  }
  if (expand_is_identifier(form))
    return expand_identifier(form, scope);
  if (is_pair(form))
    return expand_call(form, scope);
  if (form == NIL)
    expand_fail(form, "() is not an expression");
  return constant(expand_strip(form));
}

static struct node *expand(value form, struct scope *scope) {
  struct position here = state.here;
  unsigned depth = state.depth;
  reader_position(form, &state.here);
  nest();
  struct node *node = expand_form(form, scope);
  state.here = here;
  state.depth = depth;
  return node;
}

/* Expressions one after the other. */
static struct node *expand_sequence(value forms, struct scope *scope) {
  ptrdiff_t count = list_length(forms);
  if (count < 0)
    expand_fail(forms, "bad syntax");
  if (count == 0)
    return constant(UNSPECIFIED);
  if (count == 1)
    return expand(car(forms), scope);
  struct node *node = new_node(N_SEQUENCE, (uint32_t)count);
  for (uint32_t i = 0; i < node->count; i++, forms = cdr(forms))
    node->items[i] = expand(car(forms), scope);
  return node;
}

/* ---- quote, if, set!, lambda -------------------------------------------- */

static struct node *expand_quote(value form, struct scope *scope) {
  (void)scope;
  check_length(form, 2, 2);
  return constant(expand_strip(cadr(form)));
}

static struct node *expand_if(value form, struct scope *scope) {
  uint32_t length = check_length(form, 3, 4);
  value rest = cddr(form);
  struct node *test = expand(cadr(form), scope);
  struct node *then = expand(car(rest), scope);
  return new_if(test, then,
                length == 4 ? expand(cadr(rest), scope)
                            : constant(UNSPECIFIED));
}

/* The program gives the global `name` a meaning of its own. */
static void redefine(value name) {
  symbol_of(name)->inlining = NULL;
  symbol_of(name)->syntax = FALSE;
}

static struct node *expand_set(value form, struct scope *scope) {
  check_length(form, 3, 3);
  if (!expand_is_identifier(cadr(form)))
    expand_fail(form, "bad syntax");
  value global;
  struct binding *b = lookup(cadr(form), scope, &global);
  struct node *node = new_node(b != NULL ? N_SET_LOCAL : N_SET_GLOBAL, 1);
  if (b != NULL && b->variable == NULL)
    expand_fail(form, "not a variable");
  if (b != NULL) {
    b->variable->is_assigned = true;
    node->variable = b->variable;
  } else {
    redefine(global);
    node->constant = global;
  }
  node->items[0] = expand(car(cddr(form)), scope);
  return node;
}

static uint32_t count_parameters(value list, bool *has_rest) {
  uint32_t count = 0;
  for (; is_pair(list); list = cdr(list))
    count++;
  *has_rest = list != NIL;
  return count + *has_rest;
}

static struct lambda *new_lambda(uint32_t parameters) {
  struct lambda *lambda = allocate(sizeof *lambda);
  lambda->name = FALSE;
  lambda->count = parameters;
  lambda->parameters
    = allocate((parameters + 1) * sizeof *lambda->parameters);
  return lambda;
}

static struct lambda *expand_procedure(value parameters, value body,
                                       struct scope *scope) {
  bool has_rest;
  struct lambda *lambda = new_lambda(count_parameters(parameters, &has_rest));
  lambda->has_rest = has_rest;
  scope = new_scope(scope);
  for (uint32_t i = 0; i < lambda->count; i++) {
    bool is_rest = !is_pair(parameters);
    lambda->parameters[i]
      = bind_variable(scope, is_rest ? parameters : car(parameters));
    parameters = is_rest ? NIL : cdr(parameters);
  }
  lambda->body = expand_body(body, scope);
  return lambda;
}

static struct node *expand_lambda(value form, struct scope *scope) {
  check_length(form, 3, ANY_LENGTH);
  struct node *node = new_node(N_LAMBDA, 0);
  node->lambda = expand_procedure(cadr(form), cddr(form), scope);
  return node;
}

/* ---- Definitions -------------------------------------------------------- */

/* (define name value) and (define (name . parameters) . body): the name, and
 * in *form what it is bound to. */
static value parse_define(value *form) {
  check_length(*form, 2, ANY_LENGTH);
  value target = cadr(*form), rest = cddr(*form);
  while (is_pair(target)) { /* also the curried ((name a) b) */
    rest = cons(cons(global_name("lambda"), cons(cdr(target), rest)), NIL);
    target = car(target);
  }
  if (!expand_is_identifier(target) || (rest != NIL && cdr(rest) != NIL))
    expand_fail(*form, "bad syntax");
  *form = rest == NIL ? list_of(2, global_name("quote"), UNSPECIFIED)
                      : car(rest);
  return target;
}

static struct node *expand_define(value form, struct scope *scope) {
  if (scope != NULL)
    expand_fail(form, "definition where an expression is expected");
  value name = strip_identifier(parse_define(&form));
  redefine(name);
  struct node *node = new_node(N_DEFINE, 1);
  node->constant = name;
  node->items[0] = expand(form, scope);
  name_lambda(node->items[0], name);
  return node;
}

static value parse_syntax(value form, value rules, struct scope *scope) {
  for (;;) {
    if (is_pair(rules) && is_keyword(car(rules), "syntax-rules", scope))
      return macro_parse(rules, scope);
    struct syntax *syntax = syntax_of_form(rules, scope);
    if (syntax == NULL || syntax->special != NULL)
      expand_fail(form, "syntax-rules expected");
    rules = macro_expand(syntax, rules, scope);
  }
}

static struct node *expand_define_syntax(value form, struct scope *scope) {
  check_length(form, 3, 3);
  if (!expand_is_identifier(cadr(form)))
    expand_fail(form, "bad syntax");
  value macro = parse_syntax(form, car(cddr(form)), scope);
  if (scope != NULL)
    expand_fail(form, "definition where an expression is expected");
  symbol_of(strip_identifier(cadr(form)))->syntax = macro;
  return constant(UNSPECIFIED);
}

/* (let-syntax ((name rules) ...) body ...); letrec-syntax is the same but for
 * the scope of the rules, and a superset is harmless. */
static struct node *expand_let_syntax(value form, struct scope *scope) {
  check_length(form, 3, ANY_LENGTH);
  scope = new_scope(scope);
  for (value rest = cadr(form); is_pair(rest); rest = cdr(rest)) {
    check_binding(car(rest), form);
    bind(scope, car(car(rest)))->syntax
      = parse_syntax(form, cadr(car(rest)), scope);
  }
  return expand_body(cddr(form), scope);
}

/* (define-values (a b . c) expression) as definitions of single names. */
static value define_values_as_defines(value form) {
  check_length(form, 3, 3);
  value all = expand_alias(symbol("values"), NULL);
  value defines = NIL, names = cadr(form), rest = all;
  for (; is_pair(names); names = cdr(names)) {
    value item = list_of(2, global_name("car"), rest);
    defines = cons(list_of(3, global_name("define"), car(names), item),
                   defines);
    rest = list_of(2, global_name("cdr"), rest);
  }
  if (names != NIL)
    defines = cons(list_of(3, global_name("define"), names, rest), defines);
  value thunk = list_of(3, global_name("lambda"), NIL, car(cddr(form)));
  value call = list_of(3, global_name("call-with-values"), thunk,
                       global_name("list"));
  return cons(global_name("begin"),
              cons(list_of(3, global_name("define"), all, call),
                   list_reverse(defines)));
}

/* At top level the list of values needs a global name nobody else has. */
static struct node *expand_define_values(value form, struct scope *scope) {
  value begin = define_values_as_defines(form);
  alias_of(cadr(car(cdr(begin))))->name = fresh_symbol();
  return expand(begin, scope);
}

static ptrdiff_t field_index(value fields, value name) {
  for (ptrdiff_t i = 0; is_pair(fields); fields = cdr(fields), i++)
    if ((is_pair(car(fields)) ? car(car(fields)) : car(fields)) == name)
      return i;
  return -1;
}

/* (define name (lambda parameters body)) with global names. */
static value define_procedure(value name, value parameters, value body) {
  return list_of(3, global_name("define"), name,
                 list_of(3, global_name("lambda"), parameters, body));
}

static value quoted(value datum) {
  return list_of(2, global_name("quote"), datum);
}

/* (constructor field ...): fields not named there start unspecified. */
static value record_constructor(value form, value type, value constructor,
                                value fields) {
  value body = NIL;
  for (value rest = fields; is_pair(rest); rest = cdr(rest)) {
    value name = is_pair(car(rest)) ? car(car(rest)) : car(rest);
    bool is_given = field_index(cdr(constructor), name) >= 0;
    body = cons(is_given ? name : quoted(UNSPECIFIED), body);
  }
  for (value rest = cdr(constructor); is_pair(rest); rest = cdr(rest))
    if (field_index(fields, car(rest)) < 0)
      expand_fail(form, "constructor names no field of the record");
  body = cons(global_name("%record"), cons(type, list_reverse(body)));
  return define_procedure(car(constructor), cdr(constructor), body);
}

/* The accessor and the modifier of (field accessor modifier). */
static value record_field(value type, value field, ptrdiff_t index,
                          value defines) {
  value record = global_name("record"), item = global_name("item");
  if (!is_pair(field) || !is_pair(cdr(field)))
    return defines;
  defines = cons(
    define_procedure(cadr(field), list_of(1, record),
                     list_of(5, global_name("%record-ref"), record, type,
                             fixnum(index), quoted(cadr(field)))),
    defines);
  if (!is_pair(cddr(field)))
    return defines;
  value modifier = car(cddr(field));
  return cons(define_procedure(modifier, list_of(2, record, item),
                               list_of(6, global_name("%record-set!"), record,
                                       type, fixnum(index), quoted(modifier),
                                       item)),
              defines);
}

static value record_as_defines(value form) {
  check_length(form, 4, ANY_LENGTH);
  value type = cadr(form), constructor = car(cddr(form));
  value predicate = cadr(cddr(form)), fields = cddr(cddr(form));
  value names = NIL, defines = NIL, record = global_name("record");
  ptrdiff_t index = 0;
  if (is_pair(type))
    type = car(type);
  for (value rest = fields; is_pair(rest); rest = cdr(rest)) {
    value field = car(rest);
    names = cons(is_pair(field) ? car(field) : field, names);
    defines = record_field(type, field, index++, defines);
  }
  names = list_reverse(names);
  if (expand_is_identifier(constructor))
    constructor = cons(constructor, names);
  if (is_pair(constructor))
    defines = cons(record_constructor(form, type, constructor, fields),
                   defines);
  if (expand_is_identifier(predicate))
    defines = cons(
      define_procedure(predicate, list_of(1, record),
                       list_of(3, global_name("%record?"), record, type)),
      defines);
  value make = list_of(3, global_name("%make-record-type"), quoted(type),
                       quoted(names));
  defines = cons(list_of(3, global_name("define"), type, make), defines);
  return cons(global_name("begin"), defines);
}

static struct node *expand_define_record_type(value form,
                                              struct scope *scope) {
  return expand(record_as_defines(form), scope);
}

static struct node *expand_begin(value form, struct scope *scope) {
  return expand_sequence(cdr(form), scope);
}

/* ---- Bodies ------------------------------------------------------------- */

/* What the first pass found: definitions and expressions in order. */
struct body {
  struct scope *scope;
  struct body_item {
    struct variable *variable; /* NULL for an expression */
    value form;
  } *items;
  uint32_t count, room;
  bool has_definitions;
};

static void add_item(struct body *body, struct variable *variable,
                     value form) {
  if (body->count == body->room) {
    uint32_t room = 2 * body->room + 4;
    body->items
      = allocate_more(body->items, body->count * sizeof *body->items,
                      room * sizeof *body->items);
    body->room = room;
  }
  body->items[body->count++] = (struct body_item){ variable, form };
  body->has_definitions = body->has_definitions || variable != NULL;
}

/* First pass over one form. */
static void scan_form(struct body *body, value form) {
  for (;;) {
    struct syntax *syntax = syntax_of_form(form, body->scope);
    special_form special = syntax == NULL ? NULL : syntax->special;
    if (special == expand_begin && cdr(form) != NIL) {
      check_length(form, 1, ANY_LENGTH);
      for (form = cdr(form); is_pair(form); form = cdr(form))
        scan_form(body, car(form));
      return;
    }
    if (special == expand_define) {
      value name = parse_define(&form);
      add_item(body, bind_variable(body->scope, name), form);
      return;
    }
    if (special == expand_define_syntax) {
      check_length(form, 3, 3);
      struct binding *b = bind(body->scope, cadr(form));
      b->syntax = parse_syntax(form, car(cddr(form)), body->scope);
      return;
    }
    if (special == expand_define_values)
      form = define_values_as_defines(form);
    else if (special == expand_define_record_type)
      form = record_as_defines(form);
    else if (syntax != NULL && special == NULL)
      form = macro_expand(syntax, form, body->scope);
    else {
      add_item(body, NULL, form);
      return;
    }
    if (++state.depth > NESTING_LIMIT)
      expand_fail(form, "macro expansion does not end");
  }
}

/* Second pass, with definitions: letrec*. */
static struct node *expand_definitions(struct body *body) {
  if (body->items[body->count - 1].variable != NULL)
    add_item(body, NULL, UNSPECIFIED);
  struct node *node = new_node(N_BODY, body->count);
  node->variables = allocate(body->count * sizeof *node->variables);
  for (uint32_t i = 0; i < body->count; i++) {
    struct body_item *item = &body->items[i];
    node->items[i] = expand(item->form, body->scope);
    node->variables[i] = item->variable;
    if (item->variable == NULL)
      continue;
    name_lambda(node->items[i], item->variable->name);
    if (node->items[i]->kind == N_LAMBDA)
      item->variable->init = node->items[i]->lambda;
  }
  return node;
}

static struct node *expand_body(value forms, struct scope *scope) {
  unsigned depth = state.depth;
  struct body body = { .scope = new_scope(scope) };
  if (list_length(forms) <= 0)
    expand_fail(forms, "empty body");
  for (; is_pair(forms); forms = cdr(forms))
    scan_form(&body, car(forms));
  state.depth = depth;
  if (body.has_definitions)
    return expand_definitions(&body);
  if (body.count == 0)
    return constant(UNSPECIFIED);
  if (body.count == 1)
    return expand(body.items[0].form, body.scope);
  struct node *node = new_node(N_SEQUENCE, body.count);
  for (uint32_t i = 0; i < body.count; i++)
    node->items[i] = expand(body.items[i].form, body.scope);
  return node;
}

/* ---- let and its family ------------------------------------------------- */

/* (let name ((variable init) ...) body ...) */
static struct node *expand_named_let(value form, struct scope *scope) {
  check_length(form, 4, ANY_LENGTH);
  value bindings = car(cddr(form)), names = NIL;
  struct scope *inner = new_scope(scope);
  struct variable *loop = bind_variable(inner, cadr(form));
  struct node *call
    = call_of(reference(loop), check_length(bindings, 0, ANY_LENGTH));
  for (uint32_t i = 1; is_pair(bindings); bindings = cdr(bindings), i++) {
    check_binding(car(bindings), form);
    names = cons(car(car(bindings)), names);
    call->items[i] = expand(cadr(car(bindings)), scope);
  }
  struct lambda *lambda
    = expand_procedure(list_reverse(names), cdr(cddr(form)), inner);
  return new_loop(loop, lambda, call);
}

static struct node *expand_let(value form, struct scope *scope) {
  check_length(form, 3, ANY_LENGTH);
  value bindings = cadr(form);
  if (expand_is_identifier(bindings))
    return expand_named_let(form, scope);
  uint32_t count = check_length(bindings, 0, ANY_LENGTH);
  if (count == 0)
    return expand_body(cddr(form), scope);
  struct node *node = new_node(N_LET, count);
  node->variables = allocate(count * sizeof *node->variables);
  struct scope *inner = new_scope(scope);
  for (uint32_t i = 0; i < count; i++, bindings = cdr(bindings)) {
    check_binding(car(bindings), form);
    node->items[i] = expand(cadr(car(bindings)), scope);
    node->variables[i] = bind_variable(inner, car(car(bindings)));
    name_lambda(node->items[i], car(car(bindings)));
  }
  node->body = expand_body(cddr(form), inner);
  return node;
}

static struct node *expand_let_star(value form, struct scope *scope) {
  check_length(form, 3, ANY_LENGTH);
  value bindings = cadr(form);
  check_length(bindings, 0, ANY_LENGTH);
  if (bindings == NIL || cdr(bindings) == NIL)
    return expand_let(form, scope);
  value inner = cons(car(form), cons(cdr(bindings), cddr(form)));
  return expand_let(list_of(3, global_name("let"),
                            cons(car(bindings), NIL), inner),
                    scope);
}

/* letrec and letrec*: a body that starts with definitions. */
static struct node *expand_letrec(value form, struct scope *scope) {
  check_length(form, 3, ANY_LENGTH);
  struct body body = { .scope = new_scope(scope) };
  for (value rest = cadr(form); is_pair(rest); rest = cdr(rest)) {
    check_binding(car(rest), form);
    struct variable *variable
      = bind_variable(body.scope, car(car(rest)));
    add_item(&body, variable, cadr(car(rest)));
  }
  value let = cons(global_name("let"), cons(NIL, cddr(form)));
  add_item(&body, NULL, let);
  return expand_definitions(&body);
}

/* The next round of a do loop: its name called with each step. */
static struct node *do_next(struct variable *loop, value specs,
                            uint32_t count, struct scope *scope) {
  struct node *call = call_of(reference(loop), count);
  for (uint32_t i = 1; is_pair(specs); specs = cdr(specs), i++) {
    value step = cddr(car(specs));
    call->items[i] = expand(step == NIL ? car(car(specs)) : car(step), scope);
  }
  return call;
}

/* (do ((variable init step) ...) (test result ...) command ...) */
static struct node *expand_do(value form, struct scope *scope) {
  check_length(form, 3, ANY_LENGTH);
  value specs = cadr(form), finish = car(cddr(form));
  uint32_t count = check_length(specs, 0, ANY_LENGTH);
  check_length(finish, 1, ANY_LENGTH);
  struct variable *loop
    = bind_variable(new_scope(NULL), global_name("do"));
  struct lambda *lambda = new_lambda(count);
  struct node *start = call_of(reference(loop), count);
  struct scope *inner = new_scope(scope);
  value rest = specs;
  for (uint32_t i = 0; i < count; i++, rest = cdr(rest)) {
    check_length(car(rest), 2, 3);
    start->items[i + 1] = expand(cadr(car(rest)), scope);
    lambda->parameters[i] = bind_variable(inner, car(car(rest)));
  }
  struct node *test = expand(car(finish), inner);
  struct node *result = expand_sequence(cdr(finish), inner);
  struct node *commands = expand_sequence(cdr(cddr(form)), inner);
  struct node *next = do_next(loop, specs, count, inner);
  lambda->body = new_if(test, result, sequence_of_two(commands, next));
  return new_loop(loop, lambda, start);
}

/* ---- Conditionals ------------------------------------------------------- */

static struct node *expand_and(value form, struct scope *scope) {
  nest();
  check_length(form, 1, ANY_LENGTH);
  if (cdr(form) == NIL)
    return constant(TRUE);
  struct node *first = expand(cadr(form), scope);
  if (cddr(form) == NIL)
    return first;
  return new_if(first, expand_and(cdr(form), scope), constant(FALSE));
}

static struct node *expand_or(value form, struct scope *scope) {
  nest();
  check_length(form, 1, ANY_LENGTH);
  if (cdr(form) == NIL)
    return constant(FALSE);
  struct node *first = expand(cadr(form), scope);
  if (cddr(form) == NIL)
    return first;
  struct node *node = new_node(N_OR, 2);
  node->items[0] = first;
  node->items[1] = expand_or(cdr(form), scope);
  return node;
}

static struct node *expand_when(value form, struct scope *scope) {
  check_length(form, 2, ANY_LENGTH);
  struct node *test = expand(cadr(form), scope);
  return new_if(test, expand_sequence(cddr(form), scope),
                constant(UNSPECIFIED));
}

static struct node *expand_unless(value form, struct scope *scope) {
  check_length(form, 2, ANY_LENGTH);
  struct node *test = expand(cadr(form), scope);
  return new_if(test, constant(UNSPECIFIED),
                expand_sequence(cddr(form), scope));
}

/* A let of one new variable around `body`. */
static struct node *let_one(struct variable *variable, struct node *init,
                            struct node *body) {
  struct node *node = new_node(N_LET, 1);
  node->variables = allocate(sizeof *node->variables);
  node->variables[0] = variable;
  node->items[0] = init;
  node->body = body;
  return node;
}

static struct variable *temporary(void) {
  return bind_variable(new_scope(NULL), global_name("temporary"));
}

static struct node *expand_clauses(value clauses, struct scope *scope);

/* (test => receiver) */
static struct node *expand_arrow(value clause, value rest,
                                 struct scope *scope) {
  check_length(clause, 3, 3);
  struct variable *result = temporary();
  struct node *call = call_of(expand(car(cddr(clause)), scope), 1);
  call->items[1] = reference(result);
  struct node *choice
    = new_if(reference(result), call, expand_clauses(rest, scope));
  return let_one(result, expand(car(clause), scope), choice);
}

static struct node *expand_clauses(value clauses, struct scope *scope) {
  nest();
  if (!is_pair(clauses))
    return constant(UNSPECIFIED);
  value clause = car(clauses);
  check_length(clause, 1, ANY_LENGTH);
  if (is_keyword(car(clause), "else", scope))
    return expand_sequence(cdr(clause), scope);
  if (is_pair(cdr(clause)) && is_keyword(cadr(clause), "=>", scope))
    return expand_arrow(clause, cdr(clauses), scope);
  struct node *test = expand(car(clause), scope);
  if (cdr(clause) == NIL) {
    struct node *node = new_node(N_OR, 2);
    node->items[0] = test;
    node->items[1] = expand_clauses(cdr(clauses), scope);
    return node;
  }
  struct node *then = expand_sequence(cdr(clause), scope);
  return new_if(test, then, expand_clauses(cdr(clauses), scope));
}

static struct node *expand_cond(value form, struct scope *scope) {
  check_length(form, 2, ANY_LENGTH);
  return expand_clauses(cdr(form), scope);
}

/* Is the key one of `data`? */
static struct node *case_test(struct variable *key, value data) {
  static const struct inlining is_eq = { "eq?", 2, OP_IS_EQ,
                                         OP_IS_EQ_IMMEDIATE };
  value datum = is_pair(data) ? expand_strip(car(data)) : NIL;
  if (!is_pair(data) || cdr(data) != NIL || is_bignum(datum)
      || is_flonum(datum))
    return primitive_call("memv", reference(key),
                          constant(expand_strip(data)));
  struct node *node = new_node(N_INLINE, 2);
  node->inlining = &is_eq;
  node->items[0] = reference(key);
  node->items[1] = constant(datum);
  return node;
}

static struct node *case_body(struct variable *key, value body,
                              struct scope *scope) {
  if (!is_pair(body) || !is_keyword(car(body), "=>", scope))
    return expand_sequence(body, scope);
  check_length(body, 2, 2);
  struct node *call = call_of(expand(cadr(body), scope), 1);
  call->items[1] = reference(key);
  return call;
}

static struct node *case_clauses(struct variable *key, value clauses,
                                 struct scope *scope) {
  nest();
  if (!is_pair(clauses))
    return constant(UNSPECIFIED);
  value clause = car(clauses);
  check_length(clause, 2, ANY_LENGTH);
  struct node *body = case_body(key, cdr(clause), scope);
  if (is_keyword(car(clause), "else", scope))
    return body;
  check_length(car(clause), 0, ANY_LENGTH);
  return new_if(case_test(key, car(clause)), body,
                case_clauses(key, cdr(clauses), scope));
}

static struct node *expand_case(value form, struct scope *scope) {
  check_length(form, 2, ANY_LENGTH);
  struct variable *key = temporary();
  struct node *init = expand(cadr(form), scope);
  return let_one(key, init, case_clauses(key, cddr(form), scope));
}

/* ---- quasiquote --------------------------------------------------------- */

static struct node *quasi(value template, unsigned level,
                          struct scope *scope);

/* (unquote x) and the like inside a quasiquote: the same list, its part
 * treated at another level. */
static struct node *quasi_nested(value template, unsigned level,
                                 struct scope *scope) {
  struct node *rest = quasi(cdr(template), level, scope);
  return primitive_call("cons", constant(expand_strip(car(template))), rest);
}

static bool is_form_of(value v, const char *name, struct scope *scope) {
  return is_pair(v) && is_keyword(car(v), name, scope)
         && list_length(v) == 2;
}

static struct node *quasi_pair(value template, unsigned level,
                               struct scope *scope) {
  if (is_form_of(template, "unquote", scope))
    return level == 1 ? expand(cadr(template), scope)
                      : quasi_nested(template, level - 1, scope);
  if (is_form_of(template, "quasiquote", scope))
    return quasi_nested(template, level + 1, scope);
  value first = car(template);
  if (level == 1 && is_form_of(first, "unquote-splicing", scope)) {
    struct node *spliced = expand(cadr(first), scope);
    if (cdr(template) == NIL)
      return spliced;
    return primitive_call("append", spliced,
                          quasi(cdr(template), level, scope));
  }
  struct node *head
    = is_form_of(first, "unquote-splicing", scope)
        ? quasi_nested(first, level - 1, scope)
        : quasi(first, level, scope);
  struct node *tail = quasi(cdr(template), level, scope);
  if (head->kind == N_CONSTANT && tail->kind == N_CONSTANT)
    return constant(cons(head->constant, tail->constant));
  return primitive_call("cons", head, tail);
}

static struct node *quasi(value template, unsigned level,
                          struct scope *scope) {
  unsigned depth = state.depth;
  nest();
  struct node *node;
  if (is_pair(template)) {
    node = quasi_pair(template, level, scope);
  } else if (is_vector(template)) {
    value list = NIL;
    for (size_t i = vector_of(template)->length; i > 0; i--)
      list = cons(vector_of(template)->items[i - 1], list);
    node = primitive_call("list->vector", quasi(list, level, scope), NULL);
  } else {
    node = constant(expand_strip(template));
  }
  state.depth = depth;
  return node;
}

static struct node *expand_quasiquote(value form, struct scope *scope) {
  check_length(form, 2, 2);
  return quasi(cadr(form), 1, scope);
}

/* ---- Top level ---------------------------------------------------------- */

struct lambda *expand_toplevel(value form) {
  state.depth = 0;
  state.here = (struct position){ 0 };
  struct lambda *lambda = new_lambda(0);
  lambda->body = expand(form, NULL);
  return lambda;
}

static const struct {
  const char *name;
  special_form expand;
} special_forms[] = {
  { "quote", expand_quote },
  { "quasiquote", expand_quasiquote },
  { "if", expand_if },
  { "set!", expand_set },
  { "lambda", expand_lambda },
  { "define", expand_define },
  { "define-values", expand_define_values },
  { "define-syntax", expand_define_syntax },
  { "define-record-type", expand_define_record_type },
  { "let-syntax", expand_let_syntax },
  { "letrec-syntax", expand_let_syntax },
  { "begin", expand_begin },
  { "let", expand_let },
  { "let*", expand_let_star },
  { "letrec", expand_letrec },
  { "letrec*", expand_letrec },
  { "do", expand_do },
  { "and", expand_and },
  { "or", expand_or },
  { "when", expand_when },
  { "unless", expand_unless },
  { "cond", expand_cond },
  { "case", expand_case },
};

static const struct inlining inlinings[] = {
  { "car", 1, OP_CAR, 0 },
  { "cdr", 1, OP_CDR, 0 },
  { "cadr", 1, OP_CADR, 0 },
  { "cddr", 1, OP_CDDR, 0 },
  { "vector-length", 1, OP_VECTOR_LENGTH, 0 },
  { "cons", 2, OP_CONS, 0 },
  { "set-car!", 2, OP_SET_CAR, 0 },
  { "set-cdr!", 2, OP_SET_CDR, 0 },
  { "+", 2, OP_ADD, OP_ADD_IMMEDIATE },
  { "-", 2, OP_SUBTRACT, OP_SUBTRACT_IMMEDIATE },
  { "*", 2, OP_MULTIPLY, 0 },
  { "quotient", 2, OP_QUOTIENT, 0 },
  { "remainder", 2, OP_REMAINDER, 0 },
  { "vector-ref", 2, OP_VECTOR_REF, 0 },
  { "vector-set!", 3, OP_VECTOR_SET, 0 },
  { "string-ref", 2, OP_STRING_REF, 0 },
  { "null?", 1, OP_IS_NULL, 0 },
  { "pair?", 1, OP_IS_PAIR, 0 },
  { "zero?", 1, OP_IS_ZERO, 0 },
  { "not", 1, OP_NOT, 0 },
  { "eq?", 2, OP_IS_EQ, OP_IS_EQ_IMMEDIATE },
  { "<", 2, OP_LESS, OP_LESS_IMMEDIATE },
  { ">", 2, OP_GREATER, OP_GREATER_IMMEDIATE },
  { "<=", 2, OP_AT_MOST, OP_AT_MOST_IMMEDIATE },
  { ">=", 2, OP_AT_LEAST, OP_AT_LEAST_IMMEDIATE },
  { "=", 2, OP_EQUAL, OP_EQUAL_IMMEDIATE },
};

void expand_install(void) {
  for (size_t i = 0; i < COUNT_OF(special_forms); i++) {
    struct syntax *syntax = new_object(T_SYNTAX, sizeof *syntax);
    syntax->special = special_forms[i].expand;
    symbol_of(symbol(special_forms[i].name))->syntax = from_object(syntax);
  }
  for (size_t i = 0; i < COUNT_OF(inlinings); i++)
    symbol_of(symbol(inlinings[i].name))->inlining = &inlinings[i];
}
