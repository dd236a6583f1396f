/* number.c -- the number tower; see number.h.
 *
 * A bignum is one pointer-free block: a header and GMP limbs, never changed
 * once made.  GMP reads it in place through mpz_roinit_n(), computes into a
 * scratch number that is used again and again, and the result is copied out
 * in its exact size.
 */

#include "number.h"

#include <assert.h>
#include <ctype.h>
#include <gmp.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

static_assert(sizeof(mp_limb_t) == sizeof(unsigned long), "bignum.limbs");

/* ---- Between values and GMP --------------------------------------------- */

static struct {
  mpz_t result, second;
} scratch;

struct operand { mpz_t z; mp_limb_t limb; };

static inline double flonum_of(value v) {
  return ((struct flonum *)v)->number;
}

static inline struct bignum *bignum_of(value v) {
  return (struct bignum *)v;
}

/* A read-only view of the exact integer `v`, valid while `operand` is. */
static mpz_srcptr view(struct operand *operand, value v) {
  if (!is_fixnum(v))
    return mpz_roinit_n(operand->z, bignum_of(v)->limbs, bignum_of(v)->size);
  intptr_t n = fixnum_of(v);
  operand->limb = n < 0 ? 0 - (mp_limb_t)n : (mp_limb_t)n;
  return mpz_roinit_n(operand->z, &operand->limb, n < 0 ? -1 : n > 0);
}

static value from_mpz(mpz_srcptr z) {
  if (mpz_fits_slong_p(z) && fits_fixnum(mpz_get_si(z)))
    return fixnum(mpz_get_si(z));
  size_t limbs = mpz_size(z);
  struct bignum *b
    = allocate_atomic(sizeof *b + limbs * sizeof(mp_limb_t));
  b->head = (struct object){ .type = T_BIGNUM };
  b->size = mpz_sgn(z) < 0 ? -(long)limbs : (long)limbs;
  memcpy(b->limbs, mpz_limbs_read(z), limbs * sizeof(mp_limb_t));
  return from_object(b);
}

value number_from_integer(intptr_t n) {
  if (fits_fixnum(n))
    return fixnum(n);
  mpz_set_si(scratch.result, n);
  return from_mpz(scratch.result);
}

static inline bool is_exact(value v) { return is_fixnum(v) || is_bignum(v); }

bool is_number(value v) { return is_exact(v) || is_flonum(v); }

static double to_double(value v) {
  if (is_flonum(v))
    return flonum_of(v);
  if (is_fixnum(v))
    return (double)fixnum_of(v);
  struct operand a;
  return mpz_get_d(view(&a, v));
}

static void check_number(const char *who, value v) {
  if (!is_number(v))
    error_wrong_type(who, "a number", v);
}

static void check_numbers(const char *who, value a, value b) {
  check_number(who, a);
  check_number(who, b);
}

/* ---- Arithmetic --------------------------------------------------------- */

typedef void (*mpz_binary)(mpz_ptr, mpz_srcptr, mpz_srcptr);

static value big(mpz_binary operation, value a, value b) {
  struct operand x, y;
  operation(scratch.result, view(&x, a), view(&y, b));
  return from_mpz(scratch.result);
}

value number_add(value a, value b) {
  check_numbers("+", a, b);
  if (are_fixnums(a, b))
    return number_from_integer(fixnum_of(a) + fixnum_of(b));
  if (is_flonum(a) || is_flonum(b))
    return flonum(to_double(a) + to_double(b));
  return big(mpz_add, a, b);
}

value number_subtract(value a, value b) {
  check_numbers("-", a, b);
  if (are_fixnums(a, b))
    return number_from_integer(fixnum_of(a) - fixnum_of(b));
  if (is_flonum(a) || is_flonum(b))
    return flonum(to_double(a) - to_double(b));
  return big(mpz_sub, a, b);
}

value number_multiply(value a, value b) {
  check_numbers("*", a, b);
  intptr_t product;
  if (are_fixnums(a, b)
      && !__builtin_mul_overflow(fixnum_of(a), fixnum_of(b), &product))
    return number_from_integer(product);
  if (is_flonum(a) || is_flonum(b))
    return flonum(to_double(a) * to_double(b));
  return big(mpz_mul, a, b);
}

value number_divide(value a, value b) {
  check_numbers("/", a, b);
  if (b == fixnum(0))
    error_raise_message("/: division by zero", cons(a, NIL));
  if (is_exact(a) && is_exact(b)) {
    struct operand x, y;
    mpz_srcptr dividend = view(&x, a), divisor = view(&y, b);
    if (mpz_divisible_p(dividend, divisor)) {
      mpz_divexact(scratch.result, dividend, divisor);
      return from_mpz(scratch.result);
    }
  }
  return flonum(to_double(a) / to_double(b));
}

/* The three integer divisions, told apart by what computes them. */
struct division {
  const char *name;
  mpz_binary exact;
  double (*inexact)(double, double);
};

static bool is_integer(value v) {
  return is_exact(v)
         || (is_flonum(v) && isfinite(flonum_of(v))
             && flonum_of(v) == floor(flonum_of(v)));
}

static value divide_integers(const struct division *division, value a,
                             value b) {
  if (!is_integer(a) || !is_integer(b))
    error_wrong_type(division->name, "an integer", is_integer(a) ? b : a);
  if (b == fixnum(0) || (is_flonum(b) && flonum_of(b) == 0))
    error_raise_who(division->name, "division by zero", a);
  if (is_flonum(a) || is_flonum(b))
    return flonum(division->inexact(to_double(a), to_double(b)));
  return big(division->exact, a, b);
}

static double double_quotient(double a, double b) { return trunc(a / b); }
static double double_modulo(double a, double b) {
  double r = fmod(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
static double double_floor(double a, double b) { return floor(a / b); }

value number_quotient(value a, value b) {
  static const struct division division
    = { "quotient", mpz_tdiv_q, double_quotient };
  if (are_fixnums(a, b) && b != fixnum(0))
    return number_from_integer(fixnum_of(a) / fixnum_of(b));
  return divide_integers(&division, a, b);
}

value number_remainder(value a, value b) {
  static const struct division division = { "remainder", mpz_tdiv_r, fmod };
  if (are_fixnums(a, b) && b != fixnum(0))
    return fixnum(fixnum_of(a) % fixnum_of(b));
  return divide_integers(&division, a, b);
}

value number_modulo(value a, value b) {
  static const struct division division
    = { "modulo", mpz_fdiv_r, double_modulo };
  if (are_fixnums(a, b) && b != fixnum(0)) {
    intptr_t r = fixnum_of(a) % fixnum_of(b);
    return fixnum(r != 0 && (r < 0) != (fixnum_of(b) < 0) ? r + fixnum_of(b)
                                                          : r);
  }
  return divide_integers(&division, a, b);
}

static value floor_quotient(value a, value b) {
  static const struct division division
    = { "floor-quotient", mpz_fdiv_q, double_floor };
  return divide_integers(&division, a, b);
}

/* ---- Comparing ---------------------------------------------------------- */

bool number_less(value a, value b) {
  check_numbers("<", a, b);
  if (are_fixnums(a, b))
    return fixnum_of(a) < fixnum_of(b);
  if (is_flonum(a) || is_flonum(b))
    return to_double(a) < to_double(b);
  struct operand x, y;
  return mpz_cmp(view(&x, a), view(&y, b)) < 0;
}

bool number_equal(value a, value b) {
  check_numbers("=", a, b);
  if (are_fixnums(a, b))
    return a == b;
  if (is_flonum(a) || is_flonum(b))
    return to_double(a) == to_double(b);
  struct operand x, y;
  return mpz_cmp(view(&x, a), view(&y, b)) == 0;
}

bool number_is_same(value a, value b) {
  if (is_flonum(a))
    return memcmp(&((struct flonum *)a)->number, &((struct flonum *)b)->number,
                  sizeof(double)) == 0;
  struct operand x, y;
  return mpz_cmp(view(&x, a), view(&y, b)) == 0;
}

size_t number_hash(value v) {
  size_t hash = 0;
  if (is_flonum(v)) {
    memcpy(&hash, &((struct flonum *)v)->number, sizeof hash);
    return hash;
  }
  size_t limbs = (size_t)labs(bignum_of(v)->size);
  for (size_t i = 0; i < limbs; i++)
    hash = (hash ^ bignum_of(v)->limbs[i]) * 1099511628211u;
  return hash;
}

/* ---- Text --------------------------------------------------------------- */

static const char *flonum_text(double number) {
  if (isnan(number))
    return "+nan.0";
  if (isinf(number))
    return number > 0 ? "+inf.0" : "-inf.0";
  char *text = allocate_atomic(40);
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, 32, "%.*g", digits, number);
    if (strtod(text, NULL) == number)
      break;
  }
  if (strpbrk(text, ".e") == NULL)
    strcat(text, ".0");
  return text;
}

const char *number_text(value v, unsigned base) {
  if (is_flonum(v))
    return flonum_text(flonum_of(v));
  struct operand a;
  mpz_srcptr z = view(&a, v);
  char *text = allocate_atomic(mpz_sizeinbase(z, (int)base) + 2);
  return mpz_get_str(text, (int)base, z);
}

/* Are `text`'s characters, a sign apart, digits of `base`? */
static bool is_integer_text(const char *text, unsigned base) {
  text += *text == '-' || *text == '+';
  if (*text == '\0')
    return false;
  for (; *text != '\0'; text++) {
    int digit = isdigit((unsigned char)*text) ? *text - '0'
                : isalpha((unsigned char)*text)
                  ? tolower((unsigned char)*text) - 'a' + 10
                  : 99;
    if (digit >= (int)base)
      return false;
  }
  return true;
}

static value parse_integer(const char *text, unsigned base) {
  text += *text == '+';
  if (strlen(text) < 12)
    return fixnum(strtol(text, NULL, (int)base));
  mpz_set_str(scratch.result, text, (int)base);
  return from_mpz(scratch.result);
}

/* Digits, a point, an exponent: what strtod takes, less its hexadecimals. */
static value parse_flonum(const char *text) {
  if (strcmp(text, "+inf.0") == 0)
    return flonum((double)INFINITY);
  if (strcmp(text, "-inf.0") == 0)
    return flonum(-(double)INFINITY);
  if (strcmp(text, "+nan.0") == 0)
    return flonum((double)NAN);
  const char *digits = text + (*text == '-' || *text == '+');
  digits += *digits == '.';
  if (!isdigit((unsigned char)*digits)
      || text[strspn(text, "0123456789+-.eE")] != '\0')
    return FALSE;
  char *end;
  double number = strtod(text, &end);
  return *end == '\0' ? flonum(number) : FALSE;
}

static value to_exact(value v);

value number_parse(const char *text, unsigned base) {
  bool wants_exact = false, wants_inexact = false;
  for (; text[0] == '#' && text[1] != '\0'; text += 2)
    switch (text[1]) {
    case 'x': base = 16; break;
    case 'b': base = 2; break;
    case 'o': base = 8; break;
    case 'd': base = 10; break;
    case 'e': wants_exact = true; break;
    case 'i': wants_inexact = true; break;
    default: return FALSE;
    }
  char first = text[0];
  if (base == 10 && !isdigit((unsigned char)first) && first != '-'
      && first != '+' && first != '.')
    return FALSE;
  value v = is_integer_text(text, base) ? parse_integer(text, base)
            : base == 10                ? parse_flonum(text)
                                        : FALSE;
  if (v == FALSE)
    return v;
  if (wants_exact)
    return to_exact(v);
  return wants_inexact ? flonum(to_double(v)) : v;
}

/* ---- Primitives: arithmetic --------------------------------------------- */

static value prim_add(size_t count, value *args) {
  value sum = fixnum(0);
  for (size_t i = 0; i < count; i++)
    sum = number_add(sum, args[i]);
  return sum;
}

static value prim_multiply(size_t count, value *args) {
  value product = fixnum(1);
  for (size_t i = 0; i < count; i++)
    product = number_multiply(product, args[i]);
  return product;
}

static value prim_subtract(size_t count, value *args) {
  if (count == 1)
    return number_subtract(fixnum(0), args[0]);
  value difference = args[0];
  for (size_t i = 1; i < count; i++)
    difference = number_subtract(difference, args[i]);
  return difference;
}

static value prim_divide(size_t count, value *args) {
  if (count == 1)
    return number_divide(fixnum(1), args[0]);
  value quotient = args[0];
  for (size_t i = 1; i < count; i++)
    quotient = number_divide(quotient, args[i]);
  return quotient;
}

#define DIVISION(name, function)                       \
  static value prim_##name(size_t count, value *args) { \
    (void)count;                                        \
    return function(args[0], args[1]);                  \
  }
DIVISION(quotient, number_quotient)
DIVISION(remainder, number_remainder)
DIVISION(modulo, number_modulo)
DIVISION(floor_quotient, floor_quotient)
#undef DIVISION

/* COMPARISON(name, relation of neighbours a and b). */
#define COMPARISON(name, relation)                      \
  static value prim_##name(size_t count, value *args) { \
    bool holds = true;                                  \
    check_number(#name, args[0]);                       \
    for (size_t i = 1; i < count; i++) {                \
      value a = args[i - 1], b = args[i];               \
      holds = (relation) && holds;                      \
    }                                                   \
    return boolean(holds);                              \
  }
COMPARISON(equal, number_equal(a, b))
COMPARISON(less, number_less(a, b))
COMPARISON(greater, number_less(b, a))
COMPARISON(at_most, number_less(a, b) || number_equal(a, b))
COMPARISON(at_least, number_less(b, a) || number_equal(a, b))
#undef COMPARISON

static value prim_max(size_t count, value *args) {
  value best = args[0];
  bool inexact = is_flonum(best);
  for (size_t i = 1; i < count; i++) {
    inexact = inexact || is_flonum(args[i]);
    if (number_less(best, args[i]))
      best = args[i];
  }
  check_number("max", best);
  return inexact ? flonum(to_double(best)) : best;
}

static value prim_min(size_t count, value *args) {
  value best = args[0];
  bool inexact = is_flonum(best);
  for (size_t i = 1; i < count; i++) {
    inexact = inexact || is_flonum(args[i]);
    if (number_less(args[i], best))
      best = args[i];
  }
  check_number("min", best);
  return inexact ? flonum(to_double(best)) : best;
}

static value absolute(value v) {
  check_number("abs", v);
  if (is_flonum(v))
    return flonum(fabs(flonum_of(v)));
  return number_less(v, fixnum(0)) ? number_subtract(fixnum(0), v) : v;
}

static value prim_abs(size_t count, value *args) {
  (void)count;
  return absolute(args[0]);
}

static void check_integer(const char *who, value v) {
  if (!is_exact(v))
    error_wrong_type(who, "an exact integer", v);
}

static value prim_gcd(size_t count, value *args) {
  value result = fixnum(0);
  for (size_t i = 0; i < count; i++) {
    check_integer("gcd", args[i]);
    result = big(mpz_gcd, result, args[i]);
  }
  return result;
}

static value prim_lcm(size_t count, value *args) {
  value result = fixnum(1);
  for (size_t i = 0; i < count; i++) {
    check_integer("lcm", args[i]);
    result = big(mpz_lcm, result, args[i]);
  }
  return result;
}

static value prim_expt(size_t count, value *args) {
  (void)count;
  check_numbers("expt", args[0], args[1]);
  if (!is_exact(args[0]) || !is_fixnum(args[1]) || fixnum_of(args[1]) < 0)
    return flonum(pow(to_double(args[0]), to_double(args[1])));
  struct operand base;
  mpz_srcptr z = view(&base, args[0]);
  unsigned long power = (unsigned long)fixnum_of(args[1]);
  if (mpz_cmpabs_ui(z, 1) > 0
      && mpz_sizeinbase(z, 2) > (1ul << 34) / (power + 1))
    error_out_of_memory();
  mpz_pow_ui(scratch.result, z, power);
  return from_mpz(scratch.result);
}

static value prim_exact_integer_sqrt(size_t count, value *args) {
  (void)count;
  check_integer("exact-integer-sqrt", args[0]);
  struct operand a;
  mpz_srcptr z = view(&a, args[0]);
  if (mpz_sgn(z) < 0)
    error_wrong_type("exact-integer-sqrt", "a natural number", args[0]);
  mpz_sqrtrem(scratch.result, scratch.second, z);
  value both = vector(T_VALUES, 2, fixnum(0));
  vector_of(both)->items[0] = from_mpz(scratch.result);
  vector_of(both)->items[1] = from_mpz(scratch.second);
  return both;
}

static value prim_sqrt(size_t count, value *args) {
  (void)count;
  check_number("sqrt", args[0]);
  struct operand a;
  if (is_exact(args[0]) && mpz_perfect_square_p(view(&a, args[0]))) {
    mpz_sqrt(scratch.result, view(&a, args[0]));
    return from_mpz(scratch.result);
  }
  return flonum(sqrt(to_double(args[0])));
}

/* ---- Primitives: bits --------------------------------------------------- */

static value bitwise(const char *who, mpz_binary operation, value result,
                     size_t count, value *args) {
  for (size_t i = 0; i < count; i++) {
    check_integer(who, args[i]);
    result = big(operation, result, args[i]);
  }
  return result;
}

static value prim_and(size_t count, value *args) {
  return bitwise("bitwise-and", mpz_and, fixnum(-1), count, args);
}

static value prim_or(size_t count, value *args) {
  return bitwise("bitwise-ior", mpz_ior, fixnum(0), count, args);
}

static value prim_xor(size_t count, value *args) {
  return bitwise("bitwise-xor", mpz_xor, fixnum(0), count, args);
}

static value prim_not(size_t count, value *args) {
  (void)count;
  check_integer("bitwise-not", args[0]);
  return number_subtract(fixnum(-1), args[0]);
}

static value prim_shift(size_t count, value *args) {
  (void)count;
  check_integer("arithmetic-shift", args[0]);
  if (!is_fixnum(args[1]) || fixnum_of(args[1]) > (1l << 34))
    error_raise_who("arithmetic-shift", "bad distance", args[1]);
  intptr_t distance = fixnum_of(args[1]);
  struct operand a;
  if (distance >= 0)
    mpz_mul_2exp(scratch.result, view(&a, args[0]), (mp_bitcnt_t)distance);
  else
    mpz_fdiv_q_2exp(scratch.result, view(&a, args[0]),
                    (mp_bitcnt_t)-distance);
  return from_mpz(scratch.result);
}

/* ---- Primitives: inexact ------------------------------------------------ */

static value to_exact(value v) {
  check_number("exact", v);
  if (!is_flonum(v))
    return v;
  if (!isfinite(flonum_of(v)))
    error_wrong_type("exact", "a finite number", v);
  mpz_set_d(scratch.result, flonum_of(v));
  if (mpz_get_d(scratch.result) != flonum_of(v))
    error_wrong_type("exact", "an integer", v);
  return from_mpz(scratch.result);
}

static value prim_exact(size_t count, value *args) {
  (void)count;
  return to_exact(args[0]);
}

static value prim_inexact(size_t count, value *args) {
  (void)count;
  check_number("inexact", args[0]);
  return is_flonum(args[0]) ? args[0] : flonum(to_double(args[0]));
}

#define FLONUM_FUNCTION(name, function)                 \
  static value prim_##name(size_t count, value *args) { \
    (void)count;                                        \
    check_number(#name, args[0]);                       \
    return flonum(function(to_double(args[0])));        \
  }
FLONUM_FUNCTION(exp, exp)
FLONUM_FUNCTION(sin, sin)
FLONUM_FUNCTION(cos, cos)
FLONUM_FUNCTION(tan, tan)
FLONUM_FUNCTION(asin, asin)
FLONUM_FUNCTION(acos, acos)
#undef FLONUM_FUNCTION

static value prim_log(size_t count, value *args) {
  check_numbers("log", args[0], args[count - 1]);
  double result = log(to_double(args[0]));
  return flonum(count == 1 ? result : result / log(to_double(args[1])));
}

static value prim_atan(size_t count, value *args) {
  check_numbers("atan", args[0], args[count - 1]);
  if (count == 1)
    return flonum(atan(to_double(args[0])));
  return flonum(atan2(to_double(args[0]), to_double(args[1])));
}

#define ROUNDING(name, function)                                          \
  static value prim_##name(size_t count, value *args) {                   \
    (void)count;                                                          \
    check_number(#name, args[0]);                                         \
    return is_flonum(args[0]) ? flonum(function(flonum_of(args[0])))      \
                              : args[0];                                  \
  }
ROUNDING(floor, floor)
ROUNDING(ceiling, ceil)
ROUNDING(truncate, trunc)
ROUNDING(round, nearbyint)
#undef ROUNDING

/* ---- Primitives: questions ---------------------------------------------- */

static value prim_is_number(size_t count, value *args) {
  (void)count;
  return boolean(is_number(args[0]));
}

static value prim_is_integer(size_t count, value *args) {
  (void)count;
  return boolean(is_integer(args[0]));
}

static value prim_is_exact_integer(size_t count, value *args) {
  (void)count;
  return boolean(is_exact(args[0]));
}

static value prim_is_exact(size_t count, value *args) {
  (void)count;
  check_number("exact?", args[0]);
  return boolean(is_exact(args[0]));
}

static value prim_is_inexact(size_t count, value *args) {
  (void)count;
  check_number("inexact?", args[0]);
  return boolean(is_flonum(args[0]));
}

static value prim_is_nan(size_t count, value *args) {
  (void)count;
  check_number("nan?", args[0]);
  return boolean(is_flonum(args[0]) && isnan(flonum_of(args[0])));
}

static value prim_is_zero(size_t count, value *args) {
  (void)count;
  return boolean(number_equal(args[0], fixnum(0)));
}

static value prim_is_positive(size_t count, value *args) {
  (void)count;
  return boolean(number_less(fixnum(0), args[0]));
}

static value prim_is_negative(size_t count, value *args) {
  (void)count;
  return boolean(number_less(args[0], fixnum(0)));
}

static value prim_is_even(size_t count, value *args) {
  (void)count;
  return boolean(
    number_equal(number_remainder(args[0], fixnum(2)), fixnum(0)));
}

static value prim_is_odd(size_t count, value *args) {
  (void)count;
  return boolean(
    !number_equal(number_remainder(args[0], fixnum(2)), fixnum(0)));
}

/* ---- Primitives: text, chance ------------------------------------------- */

static unsigned base_argument(const char *who, size_t count, value *args) {
  if (count < 2)
    return 10;
  if (!is_fixnum(args[1]) || fixnum_of(args[1]) < 2 || fixnum_of(args[1]) > 36)
    error_raise_who(who, "bad base", args[1]);
  return (unsigned)fixnum_of(args[1]);
}

static value prim_number_to_string(size_t count, value *args) {
  check_number("number->string", args[0]);
  return string_of_text(
    number_text(args[0], base_argument("number->string", count, args)));
}

static value prim_string_to_number(size_t count, value *args) {
  if (!is_string(args[0]))
    error_wrong_type("string->number", "a string", args[0]);
  return number_parse(string_of(args[0])->text,
                      base_argument("string->number", count, args));
}

/* xorshift64: the same sequence in each run. */
static value prim_random(size_t count, value *args) {
  (void)count;
  static uint64_t state = 88172645463325252u;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  if (is_flonum(args[0]))
    return flonum((double)(state >> 11) * 0x1p-53 * flonum_of(args[0]));
  if (!is_fixnum(args[0]) || fixnum_of(args[0]) <= 0)
    error_wrong_type("random", "a positive fixnum", args[0]);
  return fixnum((intptr_t)(state % (uint64_t)fixnum_of(args[0])));
}

/* ---- Installing --------------------------------------------------------- */

static void *gmp_allocate(size_t bytes) { return allocate_atomic(bytes); }

static void *gmp_reallocate(void *old, size_t old_bytes, size_t new_bytes) {
  if (new_bytes <= old_bytes)
    return old;
  void *memory = allocate_atomic(new_bytes);
  memcpy(memory, old, old_bytes);
  return memory;
}

static void gmp_forget(void *block, size_t bytes) {
  (void)block, (void)bytes;
}

void number_install(void) {
  static const struct primitive_entry entries[] = {
    { "+", prim_add, 0, MANY },
    { "*", prim_multiply, 0, MANY },
    { "-", prim_subtract, 1, MANY },
    { "/", prim_divide, 1, MANY },
    { "quotient", prim_quotient, 2, 2 },
    { "truncate-quotient", prim_quotient, 2, 2 },
    { "remainder", prim_remainder, 2, 2 },
    { "truncate-remainder", prim_remainder, 2, 2 },
    { "modulo", prim_modulo, 2, 2 },
    { "floor-remainder", prim_modulo, 2, 2 },
    { "floor-quotient", prim_floor_quotient, 2, 2 },
    { "=", prim_equal, 1, MANY },
    { "<", prim_less, 1, MANY },
    { ">", prim_greater, 1, MANY },
    { "<=", prim_at_most, 1, MANY },
    { ">=", prim_at_least, 1, MANY },
    { "max", prim_max, 1, MANY },
    { "min", prim_min, 1, MANY },
    { "abs", prim_abs, 1, 1 },
    { "magnitude", prim_abs, 1, 1 },
    { "gcd", prim_gcd, 0, MANY },
    { "lcm", prim_lcm, 0, MANY },
    { "expt", prim_expt, 2, 2 },
    { "exact-integer-sqrt", prim_exact_integer_sqrt, 1, 1 },
    { "sqrt", prim_sqrt, 1, 1 },
    { "bitwise-and", prim_and, 0, MANY },
    { "bitwise-ior", prim_or, 0, MANY },
    { "bitwise-xor", prim_xor, 0, MANY },
    { "bitwise-not", prim_not, 1, 1 },
    { "arithmetic-shift", prim_shift, 2, 2 },
    { "exact", prim_exact, 1, 1 },
    { "inexact->exact", prim_exact, 1, 1 },
    { "inexact", prim_inexact, 1, 1 },
    { "exact->inexact", prim_inexact, 1, 1 },
    { "exp", prim_exp, 1, 1 },
    { "log", prim_log, 1, 2 },
    { "sin", prim_sin, 1, 1 },
    { "cos", prim_cos, 1, 1 },
    { "tan", prim_tan, 1, 1 },
    { "asin", prim_asin, 1, 1 },
    { "acos", prim_acos, 1, 1 },
    { "atan", prim_atan, 1, 2 },
    { "floor", prim_floor, 1, 1 },
    { "ceiling", prim_ceiling, 1, 1 },
    { "truncate", prim_truncate, 1, 1 },
    { "round", prim_round, 1, 1 },
    { "number?", prim_is_number, 1, 1 },
    { "complex?", prim_is_number, 1, 1 },
    { "real?", prim_is_number, 1, 1 },
    { "rational?", prim_is_number, 1, 1 },
    { "integer?", prim_is_integer, 1, 1 },
    { "exact-integer?", prim_is_exact_integer, 1, 1 },
    { "exact?", prim_is_exact, 1, 1 },
    { "inexact?", prim_is_inexact, 1, 1 },
    { "nan?", prim_is_nan, 1, 1 },
    { "zero?", prim_is_zero, 1, 1 },
    { "positive?", prim_is_positive, 1, 1 },
    { "negative?", prim_is_negative, 1, 1 },
    { "even?", prim_is_even, 1, 1 },
    { "odd?", prim_is_odd, 1, 1 },
    { "number->string", prim_number_to_string, 1, 2 },
    { "string->number", prim_string_to_number, 1, 2 },
    { "random", prim_random, 1, 1 },
  };
  mp_set_memory_functions(gmp_allocate, gmp_reallocate, gmp_forget);
  mpz_inits(scratch.result, scratch.second, NULL);
  define_primitives(entries, COUNT_OF(entries));
}
