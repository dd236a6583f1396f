/* machine.c -- the machine that runs the code; see machine.h and opcode.h. */

#include "machine.h"

#include <string.h>

#include "compile.h"
#include "error.h"
#include "number.h"
#include "opcode.h"
#include "text.h"

struct continuation {
  struct object head;
  struct segment *segment;
  size_t count;
  value winders, handlers;
};

/* The machine's registers while run() is not running: primitives that control
 * the machine see and change them here. */
static struct {
  value *sp, *fp, *pc;
  struct closure *self;
  value callee; /* what to call next,                             */
  size_t argc;  /* with so many arguments at fp                   */
  bool is_call; /* did a control primitive ask for that?          */
  struct segment *segment; /* below the stack                     */
  size_t count;            /* up to this slot                     */
  value winders;  /* list of (before . after), innermost first    */
  value handlers; /* list of procedures, innermost first          */
  size_t limit_words; /* of stack and segments                    */
  bool is_over_limit; /* the error was raised; handlers run       */
  bool is_uncaught;   /* leave with what is raised next           */
  value signal;       /* the symbols of library procedures        */
  value raise, rewind;
  struct position start; /* of the top-level form                 */
} vm = { .limit_words = 256u << 17 };

static value stack[MACHINE_STACK_WORDS + MACHINE_MARGIN];
static value *const stack_base = stack + MACHINE_FRAME_WORDS;
static value *const stack_limit = stack + MACHINE_STACK_WORDS;

static value underflow_code[] = { OP_UNDERFLOW };

/* ---- Frames ------------------------------------------------------------- */

static inline void set_return(value *fp, value *pc, struct closure *self,
                              ptrdiff_t distance) {
  fp[-3] = (value)pc;
  fp[-2] = from_object(self);
  fp[-1] = fixnum(distance);
}

/* An empty stack: its first frame returns into the segments. */
static void reset_stack(void) {
  set_return(stack_base, underflow_code, NULL, 0);
  vm.fp = vm.sp = stack_base;
}

static size_t words_below(void) {
  return vm.segment == NULL ? 0 : vm.segment->below + vm.count;
}

static void check_depth(size_t words) {
  size_t limit = vm.limit_words;
  if (vm.is_over_limit)
    limit += 4 * MACHINE_STACK_WORDS;
  if (words <= limit)
    return;
  vm.is_uncaught = vm.is_over_limit; /* the handlers do not end either */
  vm.is_over_limit = true;
  error_raise_message("recursion too deep", NIL);
}

/* Move all frames below the current one, whose `argc` arguments are all it
 * holds so far, to a segment. */
static void freeze_stack(size_t argc) {
  size_t count = (size_t)(vm.fp - stack);
  if (vm.fp == stack_base)
    return;
  size_t below = words_below();
  check_depth(below + count);
  struct segment *segment
    = allocate(sizeof *segment + count * sizeof *segment->slots);
  segment->next = vm.segment;
  segment->next_count = vm.count;
  segment->below = below;
  memcpy(segment->slots, stack, count * sizeof *stack);
  vm.segment = segment;
  vm.count = count;
  memmove(stack_base, vm.fp, argc * sizeof *stack);
  reset_stack();
  vm.sp += argc;
}

/* The stack is empty: copy the youngest frame of the segments back. */
static void thaw_frame(void) {
  value *slots = vm.segment->slots, *top = slots + vm.count;
  value *frame = top - fixnum_of(top[-1]);
  size_t size = (size_t)(top - MACHINE_FRAME_WORDS - frame);
  reset_stack();
  vm.pc = (value *)top[-3];
  vm.self = (struct closure *)top[-2];
  memcpy(stack_base, frame, size * sizeof *stack);
  vm.sp = stack_base + size;
  vm.count = (size_t)(frame - slots);
  if (vm.count == MACHINE_FRAME_WORDS) { /* the segment's last frame */
    vm.count = vm.segment->next_count;
    vm.segment = vm.segment->next;
  }
}

/* ---- Positions ---------------------------------------------------------- */

static bool find_mark(const struct closure *closure, const value *pc,
                      struct position *position) {
  if (closure == NULL || closure->code->mark_count == 0)
    return false;
  const struct code *code = closure->code;
  size_t offset = (size_t)(pc - code->words - 1), i = code->mark_count;
  while (i > 1 && code->marks[i - 1].offset > offset)
    i--;
  *position = (struct position){ code->file, code->marks[i - 1].line,
                                 code->marks[i - 1].column };
  return true;
}

/* The innermost frame that has a position: those of the library have none. */
struct position machine_position(void) {
  enum { FRAMES = 1000 };
  struct position position = vm.start;
  if (vm.self == NULL || find_mark(vm.self, vm.pc, &position))
    return position;
  const value *slots = stack, *top = vm.fp;
  const struct segment *next = vm.segment;
  size_t next_count = vm.count;
  for (unsigned i = 0; i < FRAMES; i++) {
    if (top - slots <= MACHINE_FRAME_WORDS) {
      if (next == NULL)
        break;
      slots = next->slots;
      top = slots + next_count;
      next_count = next->next_count;
      next = next->next;
      continue;
    }
    if (find_mark((struct closure *)top[-2], (value *)top[-3], &position))
      break;
    top -= fixnum_of(top[-1]);
  }
  return position;
}

/* ---- Control primitives ------------------------------------------------- */

static _Noreturn void fail_arity(value callee, size_t argc) {
  error_raise_message("wrong number of arguments",
                      list_of(2, callee, fixnum((intptr_t)argc)));
}

static void check_primitive(const struct primitive *p, size_t argc) {
  if (argc < p->min || argc > p->max)
    fail_arity(from_object(p), argc);
}

/* Have the machine call `callee` next with what is in vm.fp[0..argc). */
static value call_next(value callee, size_t argc) {
  vm.callee = callee;
  vm.argc = argc;
  vm.is_call = true;
  return UNSPECIFIED;
}

static value call_library(value name, value argument) {
  vm.fp[0] = argument;
  return call_next(symbol_of(name)->global, 1);
}

/* Spread `list` over the arguments from `first` on; returns their count. */
static size_t spread(const char *who, value list, size_t first) {
  size_t argc = first;
  for (value rest = list; is_pair(rest); rest = cdr(rest)) {
    if (vm.fp + argc >= stack_limit)
      error_raise_message("apply: too many arguments", NIL);
    vm.fp[argc++] = car(rest);
    list = cdr(rest);
  }
  if (list != NIL)
    error_wrong_type(who, "a proper list", list);
  return argc;
}

/* Apply a primitive to `count` arguments and more in `list`, too many for the
 * stack. */
static value apply_to_many(const struct primitive *p, size_t count,
                           const value *args, value list) {
  size_t argc = count + (size_t)list_length(list);
  check_primitive(p, argc);
  value *many = allocate(checked_size(argc, sizeof *many, 0));
  memcpy(many, args, count * sizeof *many);
  for (size_t i = count; i < argc; i++, list = cdr(list))
    many[i] = car(list);
  return p->call(argc, many);
}

/* (apply procedure argument ... list) */
static value prim_apply(size_t count, value *args) {
  value callee = args[0];
  if (count == 1)
    return call_next(callee, 0);
  if (list_length(args[count - 1]) > 1000) {
    if (is_type(callee, T_PRIMITIVE) && object_of(callee)->flags == 0)
      return apply_to_many((struct primitive *)callee, count - 2, args + 1,
                           args[count - 1]);
    freeze_stack(count); /* to make room */
    args = vm.fp;
  }
  value list = args[count - 1];
  memmove(args, args + 1, (count - 2) * sizeof *args);
  return call_next(callee, spread("apply", list, count - 2));
}

/* (%apply-values consumer result): of (producer) in call-with-values. */
static value prim_apply_values(size_t count, value *args) {
  (void)count;
  value consumer = args[0], result = args[1];
  if (!is_type(result, T_VALUES)) {
    args[0] = result;
    return call_next(consumer, 1);
  }
  size_t argc = vector_of(result)->length;
  if (vm.fp + argc >= stack_limit)
    error_raise_message("values: too many", NIL);
  memcpy(args, vector_of(result)->items, argc * sizeof *args);
  return call_next(consumer, argc);
}

/* (call/cc receiver) */
static value prim_call_cc(size_t count, value *args) {
  value receiver = args[0];
  freeze_stack(count);
  struct continuation *k = new_object(T_CONTINUATION, sizeof *k);
  k->segment = vm.segment;
  k->count = vm.count;
  k->winders = vm.winders;
  k->handlers = vm.handlers;
  vm.fp[0] = from_object(k);
  return call_next(receiver, 1);
}

static value values_of(size_t count, const value *items) {
  if (count == 1)
    return items[0];
  value v = vector(T_VALUES, count, UNSPECIFIED);
  if (count > 0)
    memcpy(vector_of(v)->items, items, count * sizeof *items);
  return v;
}

/* Drop the stack and return `result` to `k`. */
static value throw_to(const struct continuation *k, value result) {
  vm.segment = k->segment;
  vm.count = k->count;
  vm.winders = k->winders;
  vm.handlers = k->handlers;
  vm.is_over_limit = false;
  reset_stack();
  return result;
}

/* A continuation is called: at once, or by way of the library when there are
 * dynamic-winds to leave or to enter. */
static value call_continuation(value continuation, size_t count,
                               const value *args) {
  struct continuation *k = (struct continuation *)continuation;
  value result = values_of(count, args);
  if (k->winders == vm.winders)
    return throw_to(k, result);
  vm.fp[0] = continuation;
  vm.fp[1] = k->winders;
  vm.fp[2] = result;
  return call_next(symbol_of(vm.rewind)->global, 3);
}

/* (%throw continuation result) */
static value prim_throw(size_t count, value *args) {
  (void)count;
  return throw_to((struct continuation *)args[0], args[1]);
}

/* (raise object): remember the place, then (%raise object). */
static value prim_raise(size_t count, value *args) {
  (void)count;
  error_set_position(machine_position());
  return call_library(vm.raise, args[0]);
}

/* (eval expression [environment]) */
static value prim_eval(size_t count, value *args) {
  (void)count;
  return call_next(compile(args[0]), 0);
}

/* ---- Other primitives --------------------------------------------------- */

static value prim_values(size_t count, value *args) {
  return values_of(count, args);
}

static value prim_uncaught(size_t count, value *args) {
  (void)count;
  vm.is_uncaught = true;
  error_raise(args[0]);
}

static value prim_handlers(size_t count, value *args) {
  (void)count, (void)args;
  return vm.handlers;
}

static value prim_set_handlers(size_t count, value *args) {
  (void)count;
  vm.handlers = args[0];
  return UNSPECIFIED;
}

static value prim_winders(size_t count, value *args) {
  (void)count, (void)args;
  return vm.winders;
}

static value prim_set_winders(size_t count, value *args) {
  (void)count;
  vm.winders = args[0];
  return UNSPECIFIED;
}

/* ---- Calling ------------------------------------------------------------ */

/* Arguments for a closure that takes a list of the rest. */
static void collect_rest(const struct closure *callee, size_t argc,
                         value *fp) {
  size_t required = callee->code->required;
  if (argc < required || !callee->code->has_rest)
    fail_arity(from_object(callee), argc);
  value rest = NIL;
  while (argc > required)
    rest = cons(fp[--argc], rest);
  fp[required] = rest;
}

static value new_box(value content) {
  value *box = allocate(sizeof *box);
  *box = content;
  return (value)box;
}

static value new_closure(value *operands, const value *fp,
                         const struct closure *self) {
  size_t count = operands[1];
  struct closure *closure = new_object(
    T_CLOSURE, sizeof *closure + count * sizeof *closure->captured);
  closure->code = (struct code *)operands[0];
  for (size_t i = 0; i < count; i++) {
    value from = operands[2 + i];
    closure->captured[i]
      = from & 1 ? self->captured[from / 2] : fp[from / 2];
  }
  return from_object(closure);
}

static _Noreturn void fail_undefined(value symbol) {
  error_raise_message("undefined variable", cons(symbol, NIL));
}

static _Noreturn void fail_index(const char *who, value index) {
  if (!is_fixnum(index))
    error_wrong_type(who, "an index", index);
  error_raise_who(who, "index out of range", index);
}

static value *vector_item(const char *who, value v, value index) {
  if (!is_vector(v))
    error_wrong_type(who, "a vector", v);
  if (!is_fixnum(index) || fixnum_of(index) < 0
      || (size_t)fixnum_of(index) >= vector_of(v)->length)
    fail_index(who, index);
  return &vector_of(v)->items[fixnum_of(index)];
}

static inline bool has_item(value v, value index) {
  return is_vector(v) && is_fixnum(index)
         && (size_t)fixnum_of(index) < vector_of(v)->length;
}

/* ---- Running ------------------------------------------------------------ */

/* The registers live in local variables; SAVE() before anything that may
 * raise an error or look at them, LOAD() after what may change them. */
#define SAVE() (vm.sp = sp, vm.fp = fp, vm.pc = pc, vm.self = self)
#define LOAD() (sp = vm.sp, fp = vm.fp, pc = vm.pc, self = vm.self)
#define NEXT() goto *labels[*pc++]
#define TARGET(name) label_##name

/* A test and its branching twin, which skips `operands` words first. */
#define TEST(name, condition, operands) \
  TARGET(name):                         \
  acc = boolean(condition);             \
  pc += operands;                       \
  NEXT();                               \
  TARGET(name##_BRANCH):                \
  if (condition)                        \
    pc += operands + 1;                 \
  else {                                \
    pc += operands;                     \
    pc += (intptr_t)*pc;                \
  }                                     \
  NEXT();

/* A comparison of the word on the stack, or of A with an operand. */
#define COMPARE(name, operator, slow)                                  \
  TARGET(name):                                                        \
  left = *--sp;                                                        \
  if (are_fixnums(left, acc))                                          \
    acc = boolean((intptr_t)left operator (intptr_t)acc);              \
  else {                                                               \
    SAVE();                                                            \
    acc = boolean(slow(left, acc));                                    \
  }                                                                    \
  NEXT();                                                              \
  TARGET(name##_BRANCH):                                               \
  left = *--sp;                                                        \
  if (are_fixnums(left, acc))                                          \
    holds = (intptr_t)left operator (intptr_t)acc;                     \
  else {                                                               \
    SAVE();                                                            \
    holds = slow(left, acc);                                           \
  }                                                                    \
  pc += holds ? 1 : (intptr_t)*pc;                                     \
  NEXT();                                                              \
  TARGET(name##_IMMEDIATE):                                            \
  if (is_fixnum(acc))                                                  \
    acc = boolean((intptr_t)acc operator (intptr_t)*pc);               \
  else {                                                               \
    SAVE();                                                            \
    acc = boolean(slow(acc, *pc));                                     \
  }                                                                    \
  pc++;                                                                \
  NEXT();                                                              \
  TARGET(name##_IMMEDIATE_BRANCH):                                     \
  if (is_fixnum(acc))                                                  \
    holds = (intptr_t)acc operator (intptr_t)*pc;                      \
  else {                                                               \
    SAVE();                                                            \
    holds = slow(acc, *pc);                                            \
  }                                                                    \
  pc++;                                                                \
  pc += holds ? 1 : (intptr_t)*pc;                                     \
  NEXT();

/* Fixnum arithmetic on tagged words, checked for overflow. */
#define ARITHMETIC(left, right, operation, right_word, slow)           \
  if (are_fixnums(left, right)                                         \
      && !operation((intptr_t)(left), (intptr_t)(right_word), &result)) \
    acc = (value)result;                                               \
  else {                                                               \
    SAVE();                                                            \
    acc = slow(left, right);                                           \
  }

static inline bool greater(value a, value b) { return number_less(b, a); }
static inline bool at_most(value a, value b) {
  return number_less(a, b) || number_equal(a, b);
}
static inline bool at_least(value a, value b) {
  return number_less(b, a) || number_equal(a, b);
}

/* Call vm.callee; ends when the stack and all segments have returned. */
static value run(void) {
  static const void *const labels[] = {
#define LABEL(name) &&label_##name,
    OPCODES(LABEL)
#undef LABEL
#define LABEL(name) &&label_##name, &&label_##name##_BRANCH,
    TEST_OPCODES(LABEL)
#undef LABEL
  };
  value *sp, *fp, *pc;
  struct closure *self;
  value acc = UNSPECIFIED, left, callee = vm.callee;
  size_t argc = vm.argc;
  intptr_t result;
  bool holds;
  LOAD();

  /* The return address is set, argc arguments are at fp. */
apply:
  if (is_type(callee, T_CLOSURE))
    goto enter;
  SAVE();
  vm.is_call = false;
  if (is_type(callee, T_PRIMITIVE)) {
    struct primitive *p = (struct primitive *)callee;
    check_primitive(p, argc);
    acc = p->call(argc, fp);
  } else if (is_type(callee, T_CONTINUATION)) {
    acc = call_continuation(callee, argc, fp);
  } else if (is_type(callee, T_PARAMETER)) {
    if (argc != 0)
      fail_arity(callee, argc);
    acc = ((struct parameter *)callee)->content;
  } else {
    error_raise_message("not a procedure", cons(callee, NIL));
  }
  LOAD();
  if (!vm.is_call)
    goto give_back;
  callee = vm.callee;
  argc = vm.argc;
  goto apply;

  /* As apply, but the callee is known to be a closure. */
enter: {
  struct closure *closure = (struct closure *)callee;
  const struct code *code = closure->code;
  if (__builtin_expect(argc != code->required || code->has_rest, 0)) {
    SAVE();
    collect_rest(closure, argc, fp);
    argc = code->required + 1;
  }
  if (__builtin_expect(fp + code->max_stack > stack_limit, 0)) {
    SAVE();
    freeze_stack(argc);
    LOAD();
  }
  self = closure;
  sp = fp + argc;
  pc = code->words;
  NEXT();
}

give_back:
TARGET(RETURN):
  pc = (value *)fp[-3];
  self = (struct closure *)fp[-2];
  sp = fp - MACHINE_FRAME_WORDS;
  fp -= fixnum_of(fp[-1]);
  NEXT();

TARGET(UNDERFLOW):
  if (vm.segment == NULL)
    return acc;
  thaw_frame();
  LOAD();
  NEXT();

TARGET(FRAME):
  sp += MACHINE_FRAME_WORDS;
  NEXT();

TARGET(CALL_GLOBAL):
  acc = symbol_of(*pc++)->global;
  if (__builtin_expect(acc == UNDEFINED, 0)) {
    SAVE();
    fail_undefined(pc[-1]);
  }
TARGET(CALL):
  argc = *pc++;
  callee = acc;
  if (is_type(callee, T_PRIMITIVE) && object_of(callee)->flags == 0) {
    SAVE();
    check_primitive((struct primitive *)callee, argc);
    acc = ((struct primitive *)callee)->call(argc, sp - argc);
    sp -= argc + MACHINE_FRAME_WORDS;
    NEXT();
  }
  set_return(sp - argc, pc, self, sp - argc - fp);
  fp = sp - argc;
  goto apply;

TARGET(TAIL_CALL_GLOBAL):
  acc = symbol_of(*pc++)->global;
  if (__builtin_expect(acc == UNDEFINED, 0)) {
    SAVE();
    fail_undefined(pc[-1]);
  }
TARGET(TAIL_CALL):
  argc = *pc++;
  callee = acc;
  for (size_t i = 0; i < argc; i++)
    fp[i] = sp[(ptrdiff_t)i - (ptrdiff_t)argc];
  sp = fp + argc;
  goto apply;

  /* ---- Variables and constants ---- */

TARGET(CONSTANT):
  acc = *pc++;
  NEXT();
TARGET(LOCAL):
  acc = fp[*pc++];
  NEXT();
TARGET(CAPTURED):
  acc = self->captured[*pc++];
  NEXT();
TARGET(LOCAL_BOX):
  acc = *(value *)fp[*pc++];
  if (__builtin_expect(acc == UNDEFINED, 0)) {
    SAVE();
    error_raise_message("variable used before its definition", NIL);
  }
  NEXT();
TARGET(CAPTURED_BOX):
  acc = *(value *)self->captured[*pc++];
  if (__builtin_expect(acc == UNDEFINED, 0)) {
    SAVE();
    error_raise_message("variable used before its definition", NIL);
  }
  NEXT();
TARGET(GLOBAL):
  acc = symbol_of(*pc++)->global;
  if (__builtin_expect(acc == UNDEFINED, 0)) {
    SAVE();
    fail_undefined(pc[-1]);
  }
  NEXT();
TARGET(PUSH):
  *sp++ = acc;
  NEXT();
TARGET(PUSH_CONSTANT):
  *sp++ = *pc++;
  NEXT();
TARGET(PUSH_LOCAL):
  *sp++ = fp[*pc++];
  NEXT();
TARGET(PUSH_CAPTURED):
  *sp++ = self->captured[*pc++];
  NEXT();
TARGET(PUSH_GLOBAL):
  acc = symbol_of(*pc++)->global;
  if (__builtin_expect(acc == UNDEFINED, 0)) {
    SAVE();
    fail_undefined(pc[-1]);
  }
  *sp++ = acc;
  NEXT();
TARGET(SET_LOCAL):
  fp[*pc++] = acc;
  NEXT();
TARGET(SET_LOCAL_BOX):
  *(value *)fp[*pc++] = acc;
  NEXT();
TARGET(SET_CAPTURED_BOX):
  *(value *)self->captured[*pc++] = acc;
  NEXT();
TARGET(SET_GLOBAL):
  if (symbol_of(*pc)->global == UNDEFINED) {
    SAVE();
    fail_undefined(*pc);
  }
  symbol_of(*pc++)->global = acc;
  NEXT();
TARGET(DEFINE):
  symbol_of(*pc++)->global = acc;
  NEXT();
TARGET(BOX_LOCAL):
  SAVE();
  fp[*pc] = new_box(fp[*pc]);
  pc++;
  NEXT();
TARGET(PUSH_BOX):
  SAVE();
  *sp++ = new_box(acc);
  NEXT();
TARGET(POP):
  sp -= *pc++;
  NEXT();

  /* ---- Closures and jumps ---- */

TARGET(CLOSURE):
  SAVE();
  acc = new_closure(pc, fp, self);
  pc += 2 + pc[1];
  NEXT();
TARGET(PATCH): {
  value holder = pc[2] ? *(value *)fp[pc[0]] : fp[pc[0]];
  ((struct closure *)holder)->captured[pc[1]] = acc;
  pc += 3;
  NEXT();
}
TARGET(JUMP):
  pc += (intptr_t)*pc;
  NEXT();
TARGET(JUMP_IF_FALSE):
  pc += acc == FALSE ? (intptr_t)*pc : 1;
  NEXT();
TARGET(JUMP_IF_TRUE):
  pc += acc != FALSE ? (intptr_t)*pc : 1;
  NEXT();
TARGET(LOOP): {
  value *to = fp + pc[0], *from = sp - pc[1];
  while (from < sp)
    *to++ = *from++;
  sp = to;
  pc += 2;
  pc += (intptr_t)*pc;
  NEXT();
}

  /* ---- Pairs and vectors ---- */

TARGET(CAR):
  if (__builtin_expect(!is_pair(acc), 0)) {
    SAVE();
    error_wrong_type("car", "a pair", acc);
  }
  acc = car(acc);
  NEXT();
TARGET(CDR):
  if (__builtin_expect(!is_pair(acc), 0)) {
    SAVE();
    error_wrong_type("cdr", "a pair", acc);
  }
  acc = cdr(acc);
  NEXT();
TARGET(CADR):
  if (!is_pair(acc) || !is_pair(cdr(acc))) {
    SAVE();
    error_wrong_type("cadr", "a list of two", acc);
  }
  acc = cadr(acc);
  NEXT();
TARGET(CDDR):
  if (!is_pair(acc) || !is_pair(cdr(acc))) {
    SAVE();
    error_wrong_type("cddr", "a list of two", acc);
  }
  acc = cddr(acc);
  NEXT();
TARGET(CONS):
  SAVE();
  acc = cons(sp[-1], acc);
  sp--;
  NEXT();
TARGET(SET_CAR):
  left = *--sp;
  if (!is_pair(left)) {
    SAVE();
    error_wrong_type("set-car!", "a pair", left);
  }
  pair_of(left)->car = acc;
  acc = UNSPECIFIED;
  NEXT();
TARGET(SET_CDR):
  left = *--sp;
  if (!is_pair(left)) {
    SAVE();
    error_wrong_type("set-cdr!", "a pair", left);
  }
  pair_of(left)->cdr = acc;
  acc = UNSPECIFIED;
  NEXT();
TARGET(VECTOR_LENGTH):
  if (!is_vector(acc)) {
    SAVE();
    error_wrong_type("vector-length", "a vector", acc);
  }
  acc = fixnum((intptr_t)vector_of(acc)->length);
  NEXT();
TARGET(VECTOR_REF):
  left = *--sp;
  if (has_item(left, acc)) {
    acc = vector_of(left)->items[fixnum_of(acc)];
  } else {
    SAVE();
    acc = *vector_item("vector-ref", left, acc);
  }
  NEXT();
TARGET(VECTOR_SET):
  sp -= 2;
  if (has_item(sp[0], sp[1])) {
    vector_of(sp[0])->items[fixnum_of(sp[1])] = acc;
  } else {
    SAVE();
    *vector_item("vector-set!", sp[0], sp[1]) = acc;
  }
  acc = UNSPECIFIED;
  NEXT();
TARGET(STRING_REF):
  left = *--sp;
  SAVE();
  acc = text_ref(left, acc);
  NEXT();

  /* ---- Arithmetic ---- */

TARGET(ADD):
  left = *--sp;
  ARITHMETIC(left, acc, __builtin_add_overflow, acc - 1, number_add)
  NEXT();
TARGET(ADD_IMMEDIATE):
  ARITHMETIC(acc, *pc, __builtin_add_overflow, *pc - 1, number_add)
  pc++;
  NEXT();
TARGET(SUBTRACT):
  left = *--sp;
  ARITHMETIC(left, acc, __builtin_sub_overflow, acc - 1, number_subtract)
  NEXT();
TARGET(SUBTRACT_IMMEDIATE):
  ARITHMETIC(acc, *pc, __builtin_sub_overflow, *pc - 1, number_subtract)
  pc++;
  NEXT();
TARGET(MULTIPLY):
  left = *--sp;
  if (are_fixnums(left, acc)
      && !__builtin_mul_overflow((intptr_t)left - 1, fixnum_of(acc),
                                 &result))
    acc = (value)result + 1;
  else {
    SAVE();
    acc = number_multiply(left, acc);
  }
  NEXT();
TARGET(QUOTIENT):
  left = *--sp;
  SAVE();
  acc = number_quotient(left, acc);
  NEXT();
TARGET(REMAINDER):
  left = *--sp;
  SAVE();
  acc = number_remainder(left, acc);
  NEXT();

  /* ---- Tests ---- */

  TEST(IS_NULL, acc == NIL, 0)
  TEST(IS_PAIR, is_pair(acc), 0)
  TEST(NOT, acc == FALSE, 0)
  TEST(IS_EQ, *--sp == acc, 0)
  TEST(IS_EQ_IMMEDIATE, acc == *pc, 1)
  TEST(IS_ZERO,
       is_fixnum(acc) ? acc == fixnum(0)
                      : (SAVE(), number_equal(acc, fixnum(0))),
       0)
  COMPARE(LESS, <, number_less)
  COMPARE(GREATER, >, greater)
  COMPARE(AT_MOST, <=, at_most)
  COMPARE(AT_LEAST, >=, at_least)
  COMPARE(EQUAL, ==, number_equal)
}

#undef SAVE
#undef LOAD
#undef NEXT
#undef TARGET
#undef TEST
#undef COMPARE
#undef ARITHMETIC

/* ---- Starting ----------------------------------------------------------- */

/* Make the machine call (%signal condition) where it was interrupted.  The
 * margin above the stack has room for it. */
static void signal_condition(value condition) {
  value *fp = vm.sp + MACHINE_FRAME_WORDS;
  set_return(fp, vm.pc, vm.self, fp - vm.fp);
  vm.fp = fp;
  vm.sp = fp + 1;
  call_library(vm.signal, condition);
}

/* There is no running code to ask for positions any more. */
static void end_run(void) {
  vm.self = NULL;
  vm.start = (struct position){ 0 };
}

value machine_execute(value thunk) {
  vm.segment = NULL;
  vm.winders = vm.handlers = NIL;
  vm.is_over_limit = vm.is_uncaught = false;
  vm.self = NULL;
  vm.pc = underflow_code;
  vm.start = (struct position){ 0 };
  struct closure *closure = (struct closure *)thunk;
  find_mark(closure, closure->code->words + 1, &vm.start);
  reset_stack();
  call_next(thunk, 0);
  for (;;) {
    struct catcher catcher;
    error_push_catcher(&catcher);
    if (setjmp(catcher.jump) == 0) {
      value result = run();
      error_pop_catcher(&catcher);
      end_run();
      return result;
    }
    if (vm.is_uncaught) {
      end_run();
      error_raise(error_condition());
    }
    signal_condition(error_condition());
  }
}

void machine_set_limit(size_t bytes) {
  vm.limit_words = bytes / sizeof(value);
}

void machine_install(void) {
  static const struct primitive_entry control[] = {
    { "apply", prim_apply, 1, MANY },
    { "%apply-values", prim_apply_values, 2, 2 },
    { "call-with-current-continuation", prim_call_cc, 1, 1 },
    { "call/cc", prim_call_cc, 1, 1 },
    { "%throw", prim_throw, 2, 2 },
    { "raise", prim_raise, 1, 1 },
    { "eval", prim_eval, 1, 2 },
  };
  static const struct primitive_entry entries[] = {
    { "values", prim_values, 0, MANY },
    { "%uncaught", prim_uncaught, 1, 1 },
    { "%handlers", prim_handlers, 0, 0 },
    { "%set-handlers!", prim_set_handlers, 1, 1 },
    { "%winders", prim_winders, 0, 0 },
    { "%set-winders!", prim_set_winders, 1, 1 },
  };
  define_control_primitives(control, COUNT_OF(control));
  define_primitives(entries, COUNT_OF(entries));
  vm.signal = symbol("%signal");
  vm.raise = symbol("%raise");
  vm.rewind = symbol("%rewind");
}
