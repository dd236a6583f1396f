// child.c -- see child.h
//
// posix_spawn() shares the driver's memory with the child until exec, so the
// cost of a start does not depend on the size of the driver.  (The kernel
// carries the driver's own peak RSS, about 2 MB, over an exec: the smallest
// figure a program can report.)

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t timeval_ns(struct timeval t) {
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

static int outcome(int status) {
  return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int spawn_to(pid_t *pid, char *const argv[], int out) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  int error = posix_spawn(pid, argv[0], &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  return -error;
}

// Read all of `in`; kill `pid` when that takes longer than `seconds`.
static void drain(int in, pid_t pid, char *text, size_t size,
                  unsigned seconds) {
  uint64_t end_ns = now_ns() + seconds * UINT64_C(1000000000);
  struct pollfd poll_in = { .fd = in, .events = POLLIN };
  size_t used = 0;
  char spill[256];
  for (;;) {
    uint64_t at_ns = now_ns();
    int left_ms = at_ns < end_ns ? (int)((end_ns - at_ns) / 1000000) + 1 : 0;
    int ready = poll(&poll_in, 1, left_ms);
    if (ready == 0) {
      fprintf(stderr, "killed after %u s\n", seconds);
      kill(pid, SIGKILL);
      break;
    }
    bool full = used + 1 >= size;
    ssize_t got = read(in, full ? spill : text + used,
                       full ? sizeof spill : size - 1 - used);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    if (!full)
      used += (size_t)got;
  }
  text[used] = '\0';
}

int child_run(char *const argv[], char *text, size_t size, unsigned seconds) {
  int ends[2], status = 0;
  pid_t pid;
  text[0] = '\0';
  if (pipe2(ends, O_CLOEXEC))
    return -errno;
  int error = spawn_to(&pid, argv, ends[1]);
  close(ends[1]);
  if (!error) {
    drain(ends[0], pid, text, size, seconds);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
      ;
  }
  close(ends[0]);
  return error ? error : outcome(status);
}

static bool find_number(const char *text, const char *name, uint64_t *number) {
  size_t length = strlen(name);
  for (const char *at = text; (at = strstr(at, name)); at += length)
    if ((at == text || at[-1] == ' ') && at[length] == '=') {
      *number = strtoull(at + length + 1, NULL, 10);
      return true;
    }
  return false;
}

bool child_parse(const char *text, struct sample *sample) {
  return find_number(text, "cpu_ns", &sample->cpu_ns)
         && find_number(text, "wall_ns", &sample->wall_ns)
         && find_number(text, "rss_kib", &sample->rss_kib)
         && find_number(text, "ops", &sample->ops)
         && find_number(text, "bytes", &sample->bytes)
         && find_number(text, "check", &sample->check);
}

int child_time(char *const argv[], struct sample *sample) {
  struct rusage usage;
  pid_t pid;
  int status = 0;
  uint64_t start_ns = now_ns();
  int error = spawn_to(&pid, argv, STDOUT_FILENO);
  if (error)
    return error;
  while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
    ;
  *sample = (struct sample){ .wall_ns = now_ns() - start_ns,
                             .cpu_ns = timeval_ns(usage.ru_utime)
                                       + timeval_ns(usage.ru_stime),
                             .rss_kib = (uint64_t)usage.ru_maxrss,
                             .ops = 1 };
  return outcome(status);
}
