# tests/unit/local.mk -- one program for each internal module; they see the
# symbols that the library hides.

# A broken heap ends in abort(), which cmocka would catch: a plain program.
check_PROGRAMS += tests/unit/test_verify
TESTS += tests/unit/test_verify
tests_unit_test_verify_SOURCES = tests/unit/test_verify.c
tests_unit_test_verify_LDADD = libgleaner-core.la $(ATOMIC_OPS_LIBS)
tests_unit_test_verify_CPPFLAGS = $(AM_CPPFLAGS) $(ATOMIC_OPS_CFLAGS)

if HAVE_CMOCKA

unit_tests = \
  tests/unit/test_bits \
  tests/unit/test_format \
  tests/unit/test_lock \
  tests/unit/test_meta \
  tests/unit/test_options \
  tests/unit/test_page \
  tests/unit/test_ranges \
  tests/unit/test_sizeclass \
  tests/unit/test_space \
  tests/unit/test_worklist

check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

unit_libs = libgleaner-core.la $(CMOCKA_LIBS) $(ATOMIC_OPS_LIBS)
unit_cppflags = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(ATOMIC_OPS_CFLAGS)

tests_unit_test_bits_SOURCES = tests/unit/test_bits.c
tests_unit_test_bits_LDADD = $(unit_libs)
tests_unit_test_bits_CPPFLAGS = $(unit_cppflags)

tests_unit_test_format_SOURCES = tests/unit/test_format.c
tests_unit_test_format_LDADD = $(unit_libs)
tests_unit_test_format_CPPFLAGS = $(unit_cppflags)

tests_unit_test_lock_SOURCES = tests/unit/test_lock.c
tests_unit_test_lock_LDADD = $(unit_libs)
tests_unit_test_lock_CPPFLAGS = $(unit_cppflags)

tests_unit_test_meta_SOURCES = tests/unit/test_meta.c \
  tests/unit/dice.h
tests_unit_test_meta_LDADD = $(unit_libs)
tests_unit_test_meta_CPPFLAGS = $(unit_cppflags)

tests_unit_test_options_SOURCES = tests/unit/test_options.c
tests_unit_test_options_LDADD = $(unit_libs)
tests_unit_test_options_CPPFLAGS = $(unit_cppflags)

tests_unit_test_page_SOURCES = tests/unit/test_page.c \
  tests/unit/dice.h
tests_unit_test_page_LDADD = $(unit_libs)
tests_unit_test_page_CPPFLAGS = $(unit_cppflags)

tests_unit_test_ranges_SOURCES = tests/unit/test_ranges.c \
  tests/unit/dice.h
tests_unit_test_ranges_LDADD = $(unit_libs)
tests_unit_test_ranges_CPPFLAGS = $(unit_cppflags)

tests_unit_test_sizeclass_SOURCES = tests/unit/test_sizeclass.c
tests_unit_test_sizeclass_LDADD = $(unit_libs)
tests_unit_test_sizeclass_CPPFLAGS = $(unit_cppflags)

tests_unit_test_space_SOURCES = tests/unit/test_space.c \
  tests/unit/dice.h
tests_unit_test_space_LDADD = $(unit_libs)
tests_unit_test_space_CPPFLAGS = $(unit_cppflags)

tests_unit_test_worklist_SOURCES = tests/unit/test_worklist.c \
  tests/unit/dice.h
tests_unit_test_worklist_LDADD = $(unit_libs)
tests_unit_test_worklist_CPPFLAGS = $(unit_cppflags)

endif
