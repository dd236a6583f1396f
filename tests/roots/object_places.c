// object_places.c -- see object_places.h; TLS_WORDS is set by the build

#include "object_places.h"

#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

#ifndef TLS_WORDS
#  define TLS_WORDS 8
#endif
#ifndef PLACES_NAME
#  define PLACES_NAME places
#endif

static void *volatile in_data[2] = { (void *)1, (void *)1 };
static void *volatile in_bss[512];
static _Thread_local void *volatile in_tls[TLS_WORDS];

static void set_data(uintptr_t hidden) { in_data[1] = (void *)~hidden; }
static void set_bss(uintptr_t hidden) { in_bss[500] = (void *)~hidden; }
static void set_tls(uintptr_t hidden) {
  in_tls[TLS_WORDS - 1] = (void *)~hidden;
}

static pthread_t thread;
static sem_t is_held, shall_end;

static void *keep(void *argument) {
  void *volatile local = (void *)~(uintptr_t)argument;
  sem_post(&is_held);
  while (sem_wait(&shall_end))
    continue;
  local = NULL;
  return local;
}

static void start_thread(uintptr_t hidden) {
  sem_init(&is_held, 0, 0);
  sem_init(&shall_end, 0, 0);
  pthread_create(&thread, NULL, keep, (void *)hidden);
  while (sem_wait(&is_held))
    continue;
}

static void end_thread(void) {
  sem_post(&shall_end);
  pthread_join(thread, NULL);
}

extern const struct object_places PLACES_NAME;
const struct object_places PLACES_NAME = { set_data, set_bss, set_tls,
                                           start_thread, end_thread };
