# tests/api/local.mk -- the public interface, function by function.

check_PROGRAMS += \
  tests/api/scarcity \
  tests/api/memcheck \
  tests/api/static_program \
  tests/api/static_pie_program

tests_api_scarcity_SOURCES = tests/api/scarcity.c
tests_api_scarcity_LDADD = libgleaner.la
tests_api_memcheck_SOURCES = tests/api/memcheck.c
tests_api_memcheck_LDADD = libgleaner.la

tests_api_static_program_SOURCES = tests/api/static_program.c
tests_api_static_program_LDADD = libgleaner.a
tests_api_static_program_LDFLAGS = $(AM_LDFLAGS) -all-static
tests_api_static_pie_program_SOURCES = tests/api/static_program.c
tests_api_static_pie_program_CFLAGS = $(AM_CFLAGS) -fPIE
tests_api_static_pie_program_LDADD = libgleaner.a
tests_api_static_pie_program_LDFLAGS = $(AM_LDFLAGS) -XCClinker -static-pie

TESTS += tests/api/static_program tests/api/static_pie_program

api_scripts = \
  tests/api/sweep-fail \
  tests/api/sweep-ulimit \
  tests/api/under-valgrind
TESTS += $(api_scripts)
EXTRA_DIST += $(api_scripts) tests/api/under-stress

if HAVE_CMOCKA

api_tests = \
  tests/api/test_mm \
  tests/api/test_gc \
  tests/api/test_model \
  tests/api/test_large

check_PROGRAMS += $(api_tests)
TESTS += $(api_tests) tests/api/under-stress

api_libs = libgleaner.la $(CMOCKA_LIBS)
api_cppflags = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)

tests_api_test_mm_SOURCES = tests/api/test_mm.c tests/api/support.h
tests_api_test_mm_LDADD = $(api_libs)
tests_api_test_mm_CPPFLAGS = $(api_cppflags)

tests_api_test_gc_SOURCES = tests/api/test_gc.c tests/api/support.h
tests_api_test_gc_LDADD = $(api_libs)
tests_api_test_gc_CPPFLAGS = $(api_cppflags)

tests_api_test_model_SOURCES = tests/api/test_model.c tests/api/support.h
tests_api_test_model_LDADD = $(api_libs)
tests_api_test_model_CPPFLAGS = $(api_cppflags)

tests_api_test_large_SOURCES = tests/api/test_large.c tests/api/support.h
tests_api_test_large_LDADD = $(api_libs)
tests_api_test_large_CPPFLAGS = $(api_cppflags)

endif
