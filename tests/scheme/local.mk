# tests/scheme/local.mk -- real programs, on the interpreter of examples/scheme

scheme_tests = \
  tests/scheme/right-on-gc \
  tests/scheme/right-on-mm-leaky \
  tests/scheme/right-on-libc-leaky \
  tests/scheme/right-under-stress

TESTS += $(scheme_tests)
EXTRA_DIST += $(scheme_tests)
