// static_program.c -- the archive in a program without a dynamic linker
//
// Built twice: fully static, and static at a position the kernel chooses.  Both
// regimes, threads (nobody wraps pthread_create here: they are met at their
// first allocation), thread-local and static roots, fork.  It also defines
// functions of the same names as internal ones of the library, which must not
// call them.

#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

_Noreturn static void fail(const char *what) {
  fprintf(stderr, "static_program: %s\n", what);
  exit(1);
}

static void require(bool is_true, const char *what) {
  if (!is_true)
    fail(what);
}

// ---- Names the library uses inside ------------------------------------------

void *heap_allocate(unsigned kind);
void page_init(void *page);
bool wire_ensure(void);
void panic(const char *text);

void *heap_allocate(unsigned kind) {
  (void)kind;
  fail("the library calls the program's heap_allocate");
}
void page_init(void *page) {
  (void)page;
  fail("the library calls the program's page_init");
}
bool wire_ensure(void) { fail("the library calls the program's wire_ensure"); }
void panic(const char *text) {
  (void)text;
  fail("the library calls the program's panic");
}

// ---- Roots ------------------------------------------------------------------

struct node {
  struct node *next;
  uint64_t number;
};

static struct node *static_root, *result_root;
static _Thread_local struct node *tls_root;

static NOINLINE struct node *make_list(uint64_t count) {
  struct node *list = NULL;
  for (uint64_t i = 0; i < count; i++) {
    struct node *node = gc_malloc(sizeof *node);
    node->next = list;
    node->number = i;
    list = node;
  }
  return list;
}

static NOINLINE void check_list(const struct node *list, uint64_t count) {
  for (; list; list = list->next)
    require(list->number == --count, "a node changed");
  require(count == 0, "nodes are missing");
}

static NOINLINE void make_garbage(void) {
  for (int i = 0; i < 200000; i++)
    memset(gc_malloc(100), 0x55, 100);
}

static void use_both_regimes(void) {
  tls_root = make_list(1000);
  struct node *local_root = make_list(1000);
  struct node **manual_root = mm_malloc(sizeof *manual_root);
  *manual_root = make_list(1000);
  char *text = mm_strdup("static");
  make_garbage();
  gc_collect();
  check_list(tls_root, 1000);
  check_list(local_root, 1000);
  check_list(*manual_root, 1000);
  require(!strcmp(text, "static"), "a text changed");
  mm_free(text);
  mm_free(manual_root);
}

static void *in_thread(void *list) {
  check_list(list, 100);
  use_both_regimes();
  // Nobody notes a thread's result until its join in a static program: it must be
  // held elsewhere too.
  result_root = make_list(200);
  return result_root;
}

static void use_threads(void) {
  enum { THREADS = 4 };
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    static_root = make_list(100);
    require(!pthread_create(&threads[i], NULL, in_thread, static_root),
            "pthread_create");
    use_both_regimes();
    void *list;
    pthread_join(threads[i], &list);
    check_list(list, 200);
  }
}

static void use_fork(void) {
  pid_t child = fork();
  require(child >= 0, "fork");
  if (child == 0) {
    check_list(static_root, 100);
    use_both_regimes();
    _exit(0);
  }
  int status;
  require(waitpid(child, &status, 0) == child && status == 0,
          "the child failed");
  use_both_regimes();
}

int main(void) {
  static_root = make_list(5000);
  use_both_regimes();
  check_list(static_root, 5000);
  use_threads();
  use_fork();
  struct gc_stats stats;
  gc_get_stats(&stats, sizeof stats);
  require(stats.collections > 0, "no collection");
  require(stats.heap_bytes < (uint64_t)200 << 20, "garbage is not collected");
  return 0;
}
