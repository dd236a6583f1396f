// crowd.c -- two thousand sleeping threads, each with the only pointer to an
// object; then the same with room for few queued signals

#include <errno.h>
#include <gleaner/gc.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "held.h"

#define THREADS 2000
#define QUEUE 64

static sem_t are_held, shall_end;
static hidden objects[THREADS];
static pthread_t threads[THREADS];

static void *hold_asleep(void *argument) {
  void *volatile local = held_show((hidden)argument);
  sem_post(&are_held);
  while (sem_wait(&shall_end))
    HELD_CHECK(errno == EINTR);
  local = NULL;
  (void)local;
  return NULL;
}

static void wait_for(sem_t *semaphore) {
  while (sem_wait(semaphore))
    HELD_CHECK(errno == EINTR);
}

static unsigned start_crowd(unsigned wanted) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, (size_t)1 << 16);
  unsigned count = 0;
  gc_disable();  // objects are hidden on their way to their threads
  for (; count < wanted; count++) {
    objects[count] = held_make();
    if (pthread_create(&threads[count], &small, hold_asleep,
                       (void *)objects[count]))
      break;
  }
  for (unsigned i = 0; i < count; i++)
    wait_for(&are_held);
  gc_enable();
  return count;
}

static unsigned count_alive(unsigned count) {
  unsigned alive = 0;
  for (unsigned i = 0; i < count; i++)
    alive += held_is_alive(objects[i]) != 0;
  return alive;
}

static void end_crowd(unsigned count) {
  for (unsigned i = 0; i < count; i++)
    sem_post(&shall_end);
  for (unsigned i = 0; i < count; i++)
    pthread_join(threads[i], NULL);
}

static void claim(const char *words, unsigned wanted) {
  unsigned count = start_crowd(wanted);
  for (unsigned i = 0; i < 5; i++)
    held_collect();
  unsigned alive = count_alive(count);
  end_crowd(count);
  held_collect();
  unsigned stayed = count_alive(count);
  if (alive < count || stayed * 10 > count)
    printf("       of %u: %u kept, %u not let go\n", count, alive, stayed);
  held_report(words, count > 0 && alive == count && stayed * 10 <= count);
}

// Signals queued by all processes of this user, and timers, count as one.
static unsigned long queued_signals(void) {
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  unsigned long queued = 0;
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "SigQ: %lu", &queued) == 1)
      break;
  if (status)
    fclose(status);
  return queued;
}

int main(void) {
  held_deadline(60);
  HELD_CHECK(sem_init(&are_held, 0, 0) == 0
             && sem_init(&shall_end, 0, 0) == 0);
  claim("each of two thousand sleeping threads is a root", THREADS);
  struct rlimit queue;
  HELD_CHECK(getrlimit(RLIMIT_SIGPENDING, &queue) == 0);
  rlim_t wanted = queued_signals() + QUEUE;
  if (queue.rlim_cur > wanted)
    queue.rlim_cur = wanted;
  HELD_CHECK(setrlimit(RLIMIT_SIGPENDING, &queue) == 0);
  claim("also when few signals can wait", 500);
  return held_result();
}
