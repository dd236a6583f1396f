/* macro.c -- syntax-rules: match a use against patterns, fill in a template.
 *
 * A match yields an association list from pattern variables to what they
 * matched: an entry is (variable depth . datum), where depth counts the
 * ellipses around the variable and datum is a list nested that deep.  In the
 * template a pattern variable stands for its datum, and every other symbol
 * becomes an alias (expand.h), the same one throughout one expansion.
 *
 * Source: R7RS, section 4.3.2.
 */

#include "error.h"
#include "expand.h"

struct use {
  struct syntax *macro;
  struct scope *scope; /* where the macro is used */
  value bindings;      /* what the pattern variables matched */
  value aliases;       /* (symbol . alias) made so far */
};

value macro_parse(value rules, struct scope *scope) {
  value form = rules;
  struct syntax *macro = new_object(T_SYNTAX, sizeof *macro);
  macro->scope = scope;
  macro->ellipsis = symbol("...");
  rules = cdr(rules);
  if (is_pair(rules) && expand_is_identifier(car(rules))) {
    macro->ellipsis = car(rules);
    rules = cdr(rules);
  }
  if (list_length(rules) < 1 || list_length(car(rules)) < 0)
    expand_fail(form, "bad syntax");
  macro->literals = car(rules);
  macro->rules = cdr(rules);
  for (rules = cdr(rules); is_pair(rules); rules = cdr(rules))
    if (list_length(car(rules)) != 2 || !is_pair(car(car(rules))))
      expand_fail(form, "bad rule");
  return from_object(macro);
}

static bool is_ellipsis(const struct use *use, value v) {
  return v == use->macro->ellipsis
         || (is_type(v, T_ALIAS)
             && expand_is_same(v, use->macro->scope, symbol("..."), NULL)
             && use->macro->ellipsis == symbol("..."));
}

static bool is_literal(const struct use *use, value name) {
  for (value rest = use->macro->literals; is_pair(rest); rest = cdr(rest))
    if (car(rest) == name)
      return true;
  return false;
}

static bool is_underscore(const struct use *use, value name) {
  return expand_is_same(name, use->macro->scope, symbol("_"), NULL);
}

/* Is the pattern or template `v` followed by an ellipsis? */
static bool has_ellipsis(const struct use *use, value v) {
  return is_pair(cdr(v)) && is_ellipsis(use, cadr(v));
}

static value vector_to_list(value v) {
  value list = NIL;
  for (size_t i = vector_of(v)->length; i > 0; i--)
    list = cons(vector_of(v)->items[i - 1], list);
  return list;
}

static value list_to_vector(value list) {
  value v = vector(T_VECTOR, (size_t)list_length(list), NIL);
  for (size_t i = 0; is_pair(list); list = cdr(list))
    vector_of(v)->items[i++] = car(list);
  return v;
}

/* ---- Matching ----------------------------------------------------------- */

static void bind_name(struct use *use, value name, value depth, value datum) {
  use->bindings = cons(cons(name, cons(depth, datum)), use->bindings);
}

static bool match(struct use *use, value pattern, value datum);

/* Variables of `pattern`, bound one level deeper to what they are bound to in
 * each of `matches`, a list of binding lists (last match first). */
static void collect(struct use *use, value pattern, value matches) {
  if (is_vector(pattern))
    pattern = vector_to_list(pattern);
  for (; is_pair(pattern); pattern = cdr(pattern))
    collect(use, car(pattern), matches);
  if (!expand_is_identifier(pattern) || is_literal(use, pattern)
      || is_ellipsis(use, pattern) || is_underscore(use, pattern))
    return;
  value data = NIL, depth = fixnum(1);
  for (; is_pair(matches); matches = cdr(matches))
    for (value b = car(matches); is_pair(b); b = cdr(b))
      if (car(car(b)) == pattern) {
        data = cons(cddr(car(b)), data);
        depth = fixnum(fixnum_of(cadr(car(b))) + 1);
        break;
      }
  bind_name(use, pattern, depth, data);
}

/* How many ellipses does `name` stand under in `pattern`?  -1 if absent. */
static intptr_t depth_in(const struct use *use, value pattern, value name) {
  if (is_vector(pattern))
    pattern = vector_to_list(pattern);
  for (; is_pair(pattern); pattern = cdr(pattern)) {
    intptr_t depth = depth_in(use, car(pattern), name);
    if (depth >= 0)
      return depth + has_ellipsis(use, pattern);
  }
  return pattern == name ? 0 : -1;
}

/* Without any match there is no entry to take the depth from. */
static void fix_depths(struct use *use, value pattern, value until) {
  for (value b = use->bindings; b != until; b = cdr(b)) {
    struct pair *entry = pair_of(cdr(car(b)));
    if (entry->cdr == NIL)
      entry->car = fixnum(depth_in(use, pattern, car(car(b))) + 1);
  }
}

/* `pattern` is (p ... . rest): the longest run of p that leaves enough data
 * for rest. */
static bool match_ellipsis(struct use *use, value pattern, value datum) {
  value rest = cddr(pattern), before = use->bindings, matches = NIL;
  ptrdiff_t least = 0, available = 0;
  for (value p = rest; is_pair(p); p = cdr(p))
    least++;
  for (value d = datum; is_pair(d); d = cdr(d))
    available++;
  for (; available > least; available--, datum = cdr(datum)) {
    use->bindings = NIL;
    if (!match(use, car(pattern), car(datum)))
      return false;
    matches = cons(use->bindings, matches);
  }
  use->bindings = before;
  collect(use, car(pattern), matches);
  fix_depths(use, car(pattern), before);
  return match(use, rest, datum);
}

static bool match_identifier(struct use *use, value pattern, value datum) {
  if (is_literal(use, pattern))
    return expand_is_identifier(datum)
           && expand_is_same(datum, use->scope, pattern, use->macro->scope);
  if (!is_underscore(use, pattern))
    bind_name(use, pattern, fixnum(0), datum);
  return true;
}

static bool match(struct use *use, value pattern, value datum) {
  for (; is_pair(pattern); pattern = cdr(pattern), datum = cdr(datum)) {
    if (has_ellipsis(use, pattern))
      return match_ellipsis(use, pattern, datum);
    if (!is_pair(datum) || !match(use, car(pattern), car(datum)))
      return false;
  }
  if (expand_is_identifier(pattern))
    return match_identifier(use, pattern, datum);
  if (is_vector(pattern))
    return is_vector(datum)
           && match(use, vector_to_list(pattern), vector_to_list(datum));
  return is_equal(pattern, datum);
}

/* ---- Filling in --------------------------------------------------------- */

static value fill(struct use *use, value template, bool escaped);

/* The entry (variable depth . datum) of a pattern variable, or FALSE. */
static value find_entry(const struct use *use, value name) {
  for (value b = use->bindings; is_pair(b); b = cdr(b))
    if (car(car(b)) == name)
      return car(b);
  return FALSE;
}

static value fill_identifier(struct use *use, value name) {
  value entry = find_entry(use, name);
  if (entry != FALSE && cadr(entry) != fixnum(0))
    expand_fail(name, "pattern variable lacks an ellipsis in the template");
  if (entry != FALSE)
    return cddr(entry);
  for (value rest = use->aliases; is_pair(rest); rest = cdr(rest))
    if (car(car(rest)) == name)
      return cdr(car(rest));
  value alias = expand_alias(name, use->macro->scope);
  use->aliases = cons(cons(name, alias), use->aliases);
  return alias;
}

/* Entries of the variables in `template` that stand under an ellipsis. */
static value repeated(const struct use *use, value template, value entries) {
  if (is_vector(template))
    template = vector_to_list(template);
  for (; is_pair(template); template = cdr(template))
    entries = repeated(use, car(template), entries);
  if (!expand_is_identifier(template))
    return entries;
  value entry = find_entry(use, template);
  if (entry == FALSE || cadr(entry) == fixnum(0))
    return entries;
  return cons(entry, entries);
}

/* `template` once for each item of its repeated variables; the results are
 * put before `results`, last first. */
static value fill_repeated(struct use *use, value template, unsigned extra,
                           value results) {
  value entries = repeated(use, template, NIL), before = use->bindings;
  if (entries == NIL)
    expand_fail(template, "no pattern variable to repeat before ...");
  value data = NIL; /* what is left of each variable's list */
  for (value e = entries; is_pair(e); e = cdr(e))
    data = cons(cddr(car(e)), data);
  data = list_reverse(data);
  for (;;) {
    value d = data;
    use->bindings = before;
    for (value e = entries; is_pair(e); e = cdr(e), d = cdr(d)) {
      if (!is_pair(car(d))) {
        use->bindings = before;
        return results;
      }
      value depth = fixnum(fixnum_of(cadr(car(e))) - 1);
      bind_name(use, car(car(e)), depth, car(car(d)));
      pair_of(d)->car = cdr(car(d));
    }
    if (extra > 0)
      results = fill_repeated(use, template, extra - 1, results);
    else
      results = cons(fill(use, template, false), results);
  }
}

static value fill_list(struct use *use, value template, bool escaped) {
  value results = NIL;
  while (is_pair(template)) {
    if (escaped || !has_ellipsis(use, template)) {
      results = cons(fill(use, car(template), escaped), results);
      template = cdr(template);
      continue;
    }
    value repeat = car(template);
    unsigned extra = 0; /* x ... ... flattens one level more */
    for (template = cddr(template);
         is_pair(template) && is_ellipsis(use, car(template));
         template = cdr(template))
      extra++;
    results = fill_repeated(use, repeat, extra, results);
  }
  value list = template == NIL ? NIL : fill(use, template, escaped);
  for (; is_pair(results); results = cdr(results))
    list = cons(car(results), list);
  return list;
}

static value fill(struct use *use, value template, bool escaped) {
  if (expand_is_identifier(template))
    return fill_identifier(use, template);
  if (is_vector(template))
    return list_to_vector(fill(use, vector_to_list(template), escaped));
  if (!is_pair(template))
    return template;
  bool is_escape = !escaped && is_ellipsis(use, car(template))
                   && is_pair(cdr(template)); /* (... template) */
  return is_escape ? fill(use, cadr(template), true)
                   : fill_list(use, template, escaped);
}

value macro_expand(struct syntax *macro, value form, struct scope *scope) {
  for (value rest = macro->rules; is_pair(rest); rest = cdr(rest)) {
    value pattern = car(car(rest)), template = cadr(car(rest));
    struct use use = { macro, scope, NIL, NIL };
    if (match(&use, cdr(pattern), cdr(form)))
      return fill(&use, template, false);
  }
  expand_fail(form, "no rule matches");
}
