// confined.c -- a process without /proc, or without a free descriptor
//
// Threads that are known are stopped and scanned as ever, on other stacks too.
// Strangers (foreign.c) cannot be found then, and are not tried.

#include <errno.h>
#include <gleaner/gc.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "held.h"

#define STACK_BYTES 65536

static atomic_int is_held, shall_drop;
static pthread_t thread;
static hidden wanted;

static NOINLINE void keep(int signal) {
  (void)signal;
  void *volatile local = held_show(wanted);
  is_held = 1;
  while (!shall_drop)
    sched_yield();
  local = NULL;
  (void)local;
}

static void *run_on_own_stack(void *argument) {
  keep(0);
  return argument;
}

static void *run_on_signal_stack(void *argument) {
  stack_t stack = { .ss_size = STACK_BYTES };
  stack.ss_sp = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  HELD_CHECK(sigaltstack(&stack, NULL) == 0);
  raise(SIGUSR1);
  stack.ss_flags = SS_DISABLE;
  sigaltstack(&stack, NULL);
  munmap(stack.ss_sp, STACK_BYTES);
  return argument;
}

static void *(*runner)(void *);

static void hold(hidden object) {
  wanted = object;
  is_held = shall_drop = 0;
  HELD_CHECK(pthread_create(&thread, NULL, runner, NULL) == 0);
  while (!is_held)
    sched_yield();
}

static void drop(void) {
  shall_drop = 1;
  pthread_join(thread, NULL);
}

// A context suspended for ever, its stack partly closed to reading, partly
// gone.
static void leave_a_ruin(void) {
  static ucontext_t context;
  char *stack = mmap(NULL, 4 * STACK_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  HELD_CHECK(stack != MAP_FAILED && getcontext(&context) == 0);
  context.uc_stack.ss_sp = stack;
  context.uc_stack.ss_size = 4 * STACK_BYTES;
  makecontext(&context, (void (*)(void))leave_a_ruin, 0);
  munmap(stack + STACK_BYTES, STACK_BYTES);
  mprotect(stack, 4096, PROT_NONE);
}

static int claims(const char *where) {
  char words[128];
  snprintf(words, sizeof words, "%s: a thread's stack", where);
  runner = run_on_own_stack;
  held_claim_in(20, words, hold, drop);
  snprintf(words, sizeof words, "%s: a signal stack", where);
  runner = run_on_signal_stack;
  held_claim_in(20, words, hold, drop);
  leave_a_ruin();
  held_collect();
  snprintf(words, sizeof words, "%s: a stack unmapped since", where);
  held_report(words, 1);
  return held_result();
}

// ---- Confining --------------------------------------------------------------

static void take_descriptors(void) {
  struct rlimit files = { 3, 3 };
  HELD_CHECK(setrlimit(RLIMIT_NOFILE, &files) == 0);
}

// No file has a name any more.
static void take_names(void) {
#define CALL_IS(number) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), \
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOENT)
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef SYS_open
    CALL_IS(SYS_open),
    CALL_IS(SYS_stat),
#endif
    CALL_IS(SYS_openat),
    CALL_IS(SYS_newfstatat),
    CALL_IS(SYS_statx),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { sizeof code / sizeof code[0], code };
  HELD_CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
    _exit(HELD_SKIP);
}

static int run_confined(void (*confine)(void), const char *where) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    struct sigaction action = { .sa_handler = keep, .sa_flags = SA_ONSTACK };
    HELD_CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    alarm(30);
    confine();
    _exit(claims(where));
  }
  int status;
  HELD_CHECK(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(void) {
  held_deadline(60);
  int descriptors = run_confined(take_descriptors, "no descriptor");
  int names = run_confined(take_names, "no /proc");
  return descriptors ? descriptors : names;
}
