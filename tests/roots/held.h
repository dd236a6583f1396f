/* held.h -- is an object alive whose only pointer lies in a certain place?
 *
 * A test names a place and gives two functions: `hold` puts a pointer there,
 * `drop` clears it.  The object's address travels between them hidden (its
 * complement), so that the place holds the only word that looks like it.  Dead
 * stack and registers are scrubbed before each collection.
 *
 * A round allocates an object, holds it, collects, looks whether it is alive
 * and intact, and drops it.  The last collection must have taken nearly all:
 * a stale word may keep one, not one in ten.
 *
 * Names of claims are sentences; each is printed with its result, and
 * held_result() is the exit status of the program.
 */
#ifndef HELD_H
#define HELD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of an object: a size that nothing else has, and a block's. */
#define HELD_BYTES 224

#define HELD_ROUNDS 40
#define HELD_MAX 4096
#if defined __clang__
#  define NOINLINE __attribute__((noinline))
#else
#  define NOINLINE __attribute__((noinline, noclone))
#endif

/* Exit status of a test that cannot run here. */
#define HELD_SKIP 77

typedef uintptr_t hidden;
typedef void (*held_action)(hidden object);
typedef void (*held_release)(void);

static inline hidden held_hide(const void *pointer) {
  return ~(uintptr_t)pointer;
}
/* Inlined: the result must not pass through a frame of another function. */
static inline void *held_show(hidden object) { return (void *)~object; }

/* The place keeps its target alive and, once cleared, lets it go. */
void held_claim(const char *claim, held_action hold, held_release drop);
/* The same in fewer rounds, for places that take long to reach. */
void held_claim_in(unsigned rounds, const char *claim, held_action hold,
                   held_release drop);

/* The place does not keep its target alive. */
void held_claim_not(const char *claim, held_action hold, held_release drop);

/* The tools, for tests of another form. */
hidden held_make(void);                  /* a new object, marked as such      */
hidden held_make_in(held_action hold);   /* and held, whoever else collects   */
int held_is_alive(hidden object);        /* and intact                        */
void held_collect(void);                 /* scrub, collect, scrub             */
void held_scrub(void);                   /* dead stack, registers             */
void held_report(const char *claim, int is_true);  /* prints, remembers       */
int held_result(void);

/* Aborts with the place when a step of the test itself fails. */
#define HELD_CHECK(condition) \
  ((condition) ? (void)0 : held_broken(__FILE__, __LINE__, #condition))
void held_broken(const char *file, int line, const char *condition)
  __attribute__((noreturn));

/* A test that takes longer than this hangs: SIGALRM ends it. */
void held_deadline(unsigned seconds);

#ifdef __cplusplus
}
#endif
#endif
