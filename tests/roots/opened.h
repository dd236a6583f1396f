// opened.h -- open a library under test: NAME.so in .libs beside the program,
// or beside it

#ifndef OPENED_H
#define OPENED_H

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "held.h"
#include "object_places.h"

struct opened {
  void *handle;
  const struct object_places *places;
};

// Finds the file; false if there is none.
static inline int opened_path(char *path, size_t size, const char *name) {
  char self[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  HELD_CHECK(length > 0);
  self[length] = '\0';
  char *slash = strrchr(self, '/');
  *slash = '\0';
  static const char *const folders[] = { "/.libs", "", "/../.libs" };
  for (unsigned i = 0; i < sizeof folders / sizeof folders[0]; i++) {
    int wrote = snprintf(path, size, "%s%s/%s.so", self, folders[i], name);
    if (wrote > 0 && (size_t)wrote < size && access(path, R_OK) == 0)
      return 1;
  }
  return 0;
}

static inline struct opened opened_open(const char *name) {
  char path[PATH_MAX];
  HELD_CHECK(opened_path(path, sizeof path, name));
  struct opened it = { dlopen(path, RTLD_NOW | RTLD_LOCAL), NULL };
  if (!it.handle)
    fprintf(stderr, "%s\n", dlerror());
  HELD_CHECK(it.handle);
  it.places = (const struct object_places *)dlsym(it.handle, "places");
  HELD_CHECK(it.places);
  return it;
}

static inline void opened_close(struct opened *it) {
  HELD_CHECK(dlclose(it->handle) == 0);
  it->handle = NULL;
}

#endif
