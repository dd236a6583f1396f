# tests/roots/local.mk -- whole-collector behaviour: every kind of root,
# threads, signals, forks, libraries that come and go.  Plain programs, since
# cmocka takes signals for itself.

roots_tests = \
  tests/roots/registers \
  tests/roots/stacks \
  tests/roots/storage \
  tests/roots/objects \
  tests/roots/lifetimes \
  tests/roots/contexts \
  tests/roots/signals \
  tests/roots/foreign \
  tests/roots/confined \
  tests/roots/plugin \
  tests/roots/storm \
  tests/roots/churn \
  tests/roots/crowd \
  tests/roots/loading \
  tests/roots/forks \
  tests/roots/endings

check_PROGRAMS += $(roots_tests)
TESTS += $(roots_tests)

# All of them once more: the heap verified and poisoned at each collection, and
# with collections at every few allocations.
roots_scripts = \
  tests/roots/under-verify \
  tests/roots/under-stress
TESTS += $(roots_scripts)
EXTRA_DIST += $(roots_scripts) tests/roots/under

roots_held = tests/roots/held.c tests/roots/held.h

tests_roots_registers_SOURCES = tests/roots/registers.c $(roots_held)
tests_roots_registers_LDADD = libgleaner.la
tests_roots_stacks_SOURCES = tests/roots/stacks.c $(roots_held)
tests_roots_stacks_LDADD = libgleaner.la
tests_roots_storage_SOURCES = tests/roots/storage.c $(roots_held)
tests_roots_storage_LDADD = libgleaner.la
tests_roots_lifetimes_SOURCES = tests/roots/lifetimes.c $(roots_held)
tests_roots_lifetimes_LDADD = libgleaner.la
tests_roots_contexts_SOURCES = tests/roots/contexts.c $(roots_held)
tests_roots_contexts_LDADD = libgleaner.la
tests_roots_signals_SOURCES = tests/roots/signals.c $(roots_held)
tests_roots_signals_LDADD = libgleaner.la
tests_roots_foreign_SOURCES = tests/roots/foreign.c $(roots_held)
tests_roots_foreign_LDADD = libgleaner.la
tests_roots_confined_SOURCES = tests/roots/confined.c $(roots_held)
tests_roots_confined_LDADD = libgleaner.la
tests_roots_storm_SOURCES = tests/roots/storm.c $(roots_held)
tests_roots_storm_LDADD = libgleaner.la
tests_roots_churn_SOURCES = tests/roots/churn.c $(roots_held)
tests_roots_churn_LDADD = libgleaner.la
tests_roots_crowd_SOURCES = tests/roots/crowd.c $(roots_held)
tests_roots_crowd_LDADD = libgleaner.la
tests_roots_forks_SOURCES = tests/roots/forks.c $(roots_held)
tests_roots_forks_LDADD = libgleaner.la
tests_roots_endings_SOURCES = tests/roots/endings.c $(roots_held)
tests_roots_endings_LDADD = libgleaner.la

# Libraries that hold pointers: linked at start, and opened later.
roots_opened = tests/roots/opened.h tests/roots/object_places.h

check_LTLIBRARIES += \
  tests/roots/libroots_linked.la \
  tests/roots/roots_small.la \
  tests/roots/roots_large.la
tests_roots_libroots_linked_la_SOURCES = tests/roots/object_places.c \
  tests/roots/object_places.h
tests_roots_libroots_linked_la_CPPFLAGS = $(AM_CPPFLAGS) -DTLS_WORDS=40 \
  -DPLACES_NAME=linked_places
tests_roots_libroots_linked_la_LDFLAGS = -shared -avoid-version -rpath /nowhere
tests_roots_roots_small_la_SOURCES = tests/roots/object_places.c \
  tests/roots/object_places.h
tests_roots_roots_small_la_CPPFLAGS = $(AM_CPPFLAGS)
tests_roots_roots_small_la_LDFLAGS = -module -shared -avoid-version \
  -rpath /nowhere
tests_roots_roots_large_la_SOURCES = tests/roots/object_places.c \
  tests/roots/object_places.h
tests_roots_roots_large_la_CPPFLAGS = $(AM_CPPFLAGS) -DTLS_WORDS=200000
tests_roots_roots_large_la_LDFLAGS = -module -shared -avoid-version \
  -rpath /nowhere

tests_roots_objects_SOURCES = tests/roots/objects.c $(roots_opened) \
  $(roots_held)
tests_roots_objects_LDADD = libgleaner.la tests/roots/libroots_linked.la
tests_roots_loading_SOURCES = tests/roots/loading.c $(roots_opened) \
  $(roots_held)
tests_roots_loading_LDADD = libgleaner.la
tests_roots_plugin_SOURCES = tests/roots/plugin.c $(roots_opened) \
  $(roots_held)
tests_roots_plugin_LDADD = libgleaner.la

if HAVE_CXX
check_PROGRAMS += tests/roots/exceptions
TESTS += tests/roots/exceptions
tests_roots_exceptions_SOURCES = tests/roots/exceptions.cc $(roots_held)
tests_roots_exceptions_LDADD = libgleaner.la

check_LTLIBRARIES += tests/roots/roots_thrower.la
tests_roots_roots_thrower_la_SOURCES = tests/roots/thrower.cc
tests_roots_roots_thrower_la_LDFLAGS = -module -shared -avoid-version \
  -rpath /nowhere
endif
