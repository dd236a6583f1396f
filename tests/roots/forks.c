// forks.c -- a program with threads that allocate forks; the child has a heap
//
// The child looks whether it is whole: it allocates, collects, forks again.
// The parent goes on.  Also the ways to a new program: vfork, posix_spawn,
// system.

#include <dlfcn.h>
#include <errno.h>
#include <gleaner/gc.h>
#include <gleaner/mm.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "held.h"

#define FORKS 60
#define CHILD_SECONDS 10

static atomic_int is_over;
static atomic_uint wrong;

struct link {
  struct link *next;
  uintptr_t seal;
};

static struct link *push(struct link *list, size_t bytes) {
  struct link *link = gc_malloc(bytes);
  HELD_CHECK(link && !link->next && !link->seal);
  link->next = list;
  link->seal = (uintptr_t)link ^ (uintptr_t)list;
  return link;
}

static unsigned check(const struct link *list) {
  unsigned count = 0;
  for (; list; list = list->next, count++)
    HELD_CHECK(list->seal == ((uintptr_t)list ^ (uintptr_t)list->next));
  return count;
}

// ---- The parent's threads ---------------------------------------------------

static void *allocate_always(void *argument) {
  while (!is_over) {
    struct link *list = NULL;
    void *manual[50];
    for (unsigned i = 0; i < 50; i++) {
      for (unsigned k = 0; k < 10; k++)
        list = push(list, 16 + 16 * ((i * k) % 40));
      manual[i] = mm_malloc(1 + i * 37);
      HELD_CHECK(manual[i]);
      memset(manual[i], 0x55, 1 + i * 37);
    }
    wrong += check(list) != 500;
    for (unsigned i = 0; i < 50; i++)
      mm_free(manual[i]);
  }
  return argument;
}

// Blocks of one thread are freed by another.
static void *_Atomic handed[64];

static void *hand_over_always(void *argument) {
  for (unsigned i = 0; !is_over; i++)
    mm_free(atomic_exchange(&handed[i % 64], mm_malloc(16 + i % 500)));
  return argument;
}

static void *collect_now_and_then(void *argument) {
  while (!is_over) {
    gc_collect();
    usleep(200);
  }
  return argument;
}

static int walk_slowly(struct dl_phdr_info *info, size_t size, void *context) {
  (void)info;
  (void)size;
  usleep(100);
  return *(int *)context;
}

// Holds the loader's lock nearly always.
static void *walk_always(void *argument) {
  int zero = 0;
  while (!is_over)
    dl_iterate_phdr(walk_slowly, &zero);
  return argument;
}

// ---- The child --------------------------------------------------------------

static struct link *parents_list;
static unsigned parents_count;

static void *allocate_in_child(void *argument) {
  struct link *list = NULL;
  for (unsigned i = 0; i < 3000; i++)
    list = push(list, 16 + i % 600);
  return check(list) == 3000 ? argument : NULL;
}

static void use_heap(void) {
  HELD_CHECK(check(parents_list) == parents_count);
  gc_collect();
  HELD_CHECK(check(parents_list) == parents_count);
  for (unsigned round = 0; round < 3; round++) {
    HELD_CHECK(allocate_in_child(&parents_count));
    void *manual = mm_malloc(5000);
    HELD_CHECK(manual);
    mm_free(manual);
    gc_collect();
  }
  for (unsigned i = 0; i < 64; i++)
    mm_free(atomic_exchange(&handed[i], NULL));
}

static int wait_for(pid_t child) {
  int status;
  HELD_CHECK(child > 0);
  while (waitpid(child, &status, 0) < 0)
    HELD_CHECK(errno == EINTR);
  return status;
}

static void use_threads(void) {
  pthread_t pair[2];
  for (unsigned i = 0; i < 2; i++)
    HELD_CHECK(
      pthread_create(&pair[i], NULL, allocate_in_child, &wrong) == 0);
  gc_collect();
  for (unsigned i = 0; i < 2; i++) {
    void *result;
    pthread_join(pair[i], &result);
    HELD_CHECK(result == &wrong);
  }
}

// Down to the last, each process waits for the next, then ends.
static void be_child(unsigned depth) {
  pid_t next = 0;
  for (; next == 0; depth--) {
    alarm(CHILD_SECONDS);
    use_heap();
    next = depth > 0 ? fork() : -1;
  }
  HELD_CHECK(next < 0 || wait_for(next) == 0);
  use_threads();
  use_heap();
  _exit(0);
}

static pthread_t threads[8];
static unsigned thread_count;

static void start(void *(*run)(void *)) {
  HELD_CHECK(pthread_create(&threads[thread_count++], NULL, run, NULL) == 0);
}

static void end_threads(void) {
  is_over = 1;
  while (thread_count > 0)
    pthread_join(threads[--thread_count], NULL);
  is_over = 0;
}

static void build_parents_list(void) {
  for (parents_count = 0; parents_count < 5000; parents_count++)
    parents_list = push(parents_list, 16 + parents_count % 300);
}

static void fork_in_a_storm(const char *claim, unsigned forks) {
  unsigned good = 0;
  for (unsigned i = 0; i < forks; i++) {
    pid_t child = fork();
    if (child == 0)
      be_child(i % 8 == 0 ? 2 : 0);
    good += wait_for(child) == 0;
    HELD_CHECK(check(parents_list) == parents_count);
    parents_list = push(parents_list, 16 + i);
    parents_count++;
  }
  if (good < forks)
    printf("       %u of %u children went wrong\n", forks - good, forks);
  held_report(claim, good == forks && wrong == 0);
}

// ---- New programs -----------------------------------------------------------

static int vfork_and_exec(char **arguments) {
  pid_t child = vfork();
  if (child == 0) {
    execvp(arguments[0], arguments);
    _exit(1);
  }
  return wait_for(child);
}

static void new_programs(void) {
  static char name[] = "true";
  char *arguments[] = { name, NULL };
  unsigned good = 0;
  for (unsigned i = 0; i < 10; i++)
    good += vfork_and_exec(arguments) == 0;
  held_report("vfork and exec", good == 10);
  good = 0;
  for (unsigned i = 0; i < 10; i++) {
    pid_t child;
    HELD_CHECK(posix_spawnp(&child, name, NULL, NULL, arguments, environ)
               == 0);
    good += wait_for(child) == 0;
  }
  held_report("posix_spawn", good == 10);
  good = 0;
  for (unsigned i = 0; i < 10; i++)
    good += system("exit 7") == 7 << 8;
  held_report("system", good == 10);
  FILE *output = popen("echo 42", "r");
  int number = 0;
  HELD_CHECK(output && fscanf(output, "%d", &number) == 1);
  held_report("popen", number == 42 && pclose(output) == 0);
}

// Twice, so that nothing is left of the first process; the last one tells
// through a pipe that it could work.
static void daemons(void) {
  int ends[2];
  HELD_CHECK(pipe(ends) == 0);
  pid_t child = fork();
  if (child == 0) {
    setsid();
    if (fork() == 0) {
      alarm(CHILD_SECONDS);
      use_heap();
      HELD_CHECK(write(ends[1], "k", 1) == 1);
    }
    _exit(0);
  }
  char byte = 0;
  close(ends[1]);
  int is_good = wait_for(child) == 0;
  is_good = is_good && read(ends[0], &byte, 1) == 1 && byte == 'k';
  close(ends[0]);
  held_report("a daemon forks twice and goes on", is_good);
}

// A foreign thread forks: the child has a heap nobody was attached to.
static void *fork_from_clone(void *argument) {
  gc_thread_detach();
  pid_t child = fork();
  if (child == 0) {
    alarm(CHILD_SECONDS);
    use_heap();
    _exit(0);
  }
  *(int *)argument = wait_for(child);
  return NULL;
}

static void fork_by_a_detached_thread(void) {
  int status = 1;
  pthread_t thread;
  HELD_CHECK(pthread_create(&thread, NULL, fork_from_clone, &status) == 0);
  pthread_join(thread, NULL);
  held_report("a thread that is not attached forks", status == 0);
}

int main(void) {
  held_deadline(120);
  build_parents_list();
  start(allocate_always);
  start(allocate_always);
  start(hand_over_always);
  start(hand_over_always);
  start(collect_now_and_then);
  fork_in_a_storm("the children of a program that allocates are whole", FORKS);
  new_programs();
  daemons();
  fork_by_a_detached_thread();
  start(walk_always);
  fork_in_a_storm("also while a thread holds the loader's lock", 10);
  end_threads();
  fork_in_a_storm("the parent goes on, and forks alone", 3);
  return held_result();
}
