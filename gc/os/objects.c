// objects.c -- dl_iterate_phdr; see objects.h

#include "os/objects.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "os/memory.h"
#include "os/thread.h"

static const char own_address;  // lies in this library's object

struct freeze {
  void (*body)(void *context);
  void *context;
};

static int run_body_once(struct dl_phdr_info *info, size_t size,
                         void *context) {
  (void)info;
  (void)size;
  struct freeze *freeze = context;
  freeze->body(freeze->context);
  return 1;  // one object is enough: we want the lock, not the list
}

void os_objects_freeze(void (*body)(void *context), void *context) {
  struct freeze freeze = { body, context };
  dl_iterate_phdr(run_body_once, &freeze);
}

// ---- The loader's lock in a child -------------------------------------------

static pthread_mutex_t *loader_lock;  // NULL: not known

static bool is_held_by(const pthread_mutex_t *mutex, pid_t tid) {
  return mutex->__data.__kind == PTHREAD_MUTEX_RECURSIVE_NP
         && mutex->__data.__owner == tid && mutex->__data.__count > 0
         && mutex->__data.__lock != 0;
}

struct lock_search {
  struct range data;
  pthread_mutex_t *found;
  unsigned count;
};

static void search_lock(void *context) {
  struct lock_search *search = context;
  pid_t self = os_thread_id();
  for (uintptr_t at = search->data.low;
       at + sizeof *search->found <= search->data.high; at += sizeof(void *))
    if (is_held_by((pthread_mutex_t *)at, self)) {
      search->found = (pthread_mutex_t *)at;
      search->count++;
    }
}

void os_objects_prove_lock(void) {
  Dl_info info;
  ElfW(Sym) *symbol = NULL;
  void *data = dlsym(RTLD_DEFAULT, "_rtld_global");
  if (!data || !dladdr1(data, &info, (void **)&symbol, RTLD_DL_SYMENT)
      || !symbol || info.dli_saddr != data)
    return;
  struct lock_search search = { .data = { (uintptr_t)data,
                                          (uintptr_t)data + symbol->st_size } };
  os_objects_freeze(search_lock, &search);
  if (search.count == 1 && !is_held_by(search.found, os_thread_id()))
    loader_lock = search.found;
}

bool os_objects_lock_is_own(void) {
  return loader_lock && is_held_by(loader_lock, os_thread_id());
}

void os_objects_reset_lock(void) {
  if (!loader_lock)
    return;
  loader_lock->__data.__lock = 0;
  loader_lock->__data.__count = 0;
  loader_lock->__data.__owner = 0;
  loader_lock->__data.__nusers = 0;
}

// ---- Their segments ---------------------------------------------------------

static struct range segment_range(const struct dl_phdr_info *info,
                                  const ElfW(Phdr) * segment) {
  uintptr_t low = (uintptr_t)(info->dlpi_addr + segment->p_vaddr);
  return (struct range){ low, low + (uintptr_t)segment->p_memsz };
}

static bool is_own_object(const struct dl_phdr_info *info) {
  for (size_t i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type == PT_LOAD
        && range_has(segment_range(info, segment), (uintptr_t)&own_address))
      return true;
  }
  return false;
}

// What the loader write-protects after relocation: whole pages only.
static struct range relro_range(const struct dl_phdr_info *info) {
  struct range relro = { 0, 0 };
  uintptr_t mask = ~(uintptr_t)(os_page_bytes() - 1);
  for (size_t i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO) {
      relro = segment_range(info, &info->dlpi_phdr[i]);
      relro.low &= mask;
      relro.high &= mask;
    }
  return relro;
}

struct data_visit {
  range_visitor visit;
  void *context;
  bool is_first;  // the program itself comes first
};

static void visit_part(struct data_visit *data, uintptr_t low, uintptr_t high) {
  struct range part = { low, high };
  if (!range_is_empty(part))
    data->visit(part, data->context);
}

static int visit_object(struct dl_phdr_info *info, size_t size,
                        void *context) {
  (void)size;
  struct data_visit *data = context;
  bool is_program = data->is_first;
  data->is_first = false;
  if (!is_program && is_own_object(info))
    return 0;
  struct range relro = relro_range(info);
  for (size_t i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W))
      continue;
    struct range all = segment_range(info, segment);
    if (range_has(all, relro.low) && !range_is_empty(relro)) {
      visit_part(data, all.low, relro.low);
      visit_part(data, relro.high, all.high);
    } else {
      visit_part(data, all.low, all.high);
    }
  }
  return 0;
}

void os_objects_visit_data(range_visitor visit, void *context) {
  struct data_visit data = { visit, context, true };
  dl_iterate_phdr(visit_object, &data);
}

struct place_question {
  uintptr_t address;
  enum object_place place;
};

static int place_in_object(struct dl_phdr_info *info, size_t size,
                           void *context) {
  (void)size;
  struct place_question *question = context;
  for (size_t i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type == PT_LOAD
        && range_has(segment_range(info, segment), question->address)) {
      question->place = segment->p_flags & PF_X ? OBJECT_CODE : OBJECT_DATA;
      return 1;
    }
  }
  return 0;
}

enum object_place os_objects_place_of(uintptr_t address) {
  struct place_question question = { address, OBJECT_NONE };
  dl_iterate_phdr(place_in_object, &question);
  return question.place;
}

struct tls_visit {
  tls_module_visitor visit;
  void *context;
};

static int visit_tls_module(struct dl_phdr_info *info, size_t size,
                            void *context) {
  struct tls_visit *tls = context;
  if (size < offsetof(struct dl_phdr_info, dlpi_tls_data)
      || info->dlpi_tls_modid == 0)
    return 0;
  for (size_t i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_TLS)
      tls->visit(info->dlpi_tls_modid, info->dlpi_phdr[i].p_memsz,
                 tls->context);
  return 0;
}

void os_objects_visit_tls_modules(tls_module_visitor visit, void *context) {
  struct tls_visit tls = { visit, context };
  dl_iterate_phdr(visit_tls_module, &tls);
}
