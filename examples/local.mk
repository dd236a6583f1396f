# examples/local.mk -- lists what is built of examples/.

noinst_PROGRAMS += examples/hello/hello
examples_hello_hello_SOURCES = examples/hello/hello.c
examples_hello_hello_CPPFLAGS = -I$(top_srcdir)/include
examples_hello_hello_LDADD = libgleaner.la
EXTRA_DIST += examples/hello/README.md

# ---- Scheme -----------------------------------------------------------------
#
# The same sources three times, told apart by one definition (regime.h).

scheme_sources = \
  examples/scheme/analyse.c \
  examples/scheme/compile.h \
  examples/scheme/error.c \
  examples/scheme/error.h \
  examples/scheme/expand.c \
  examples/scheme/expand.h \
  examples/scheme/generate.c \
  examples/scheme/hash.c \
  examples/scheme/hash.h \
  examples/scheme/library.c \
  examples/scheme/library.h \
  examples/scheme/machine.c \
  examples/scheme/machine.h \
  examples/scheme/macro.c \
  examples/scheme/main.c \
  examples/scheme/node.h \
  examples/scheme/number.c \
  examples/scheme/number.h \
  examples/scheme/opcode.h \
  examples/scheme/port.c \
  examples/scheme/port.h \
  examples/scheme/prelude.h \
  examples/scheme/print.c \
  examples/scheme/print.h \
  examples/scheme/reader.c \
  examples/scheme/reader.h \
  examples/scheme/regime.c \
  examples/scheme/regime.h \
  examples/scheme/text.c \
  examples/scheme/text.h \
  examples/scheme/value.c \
  examples/scheme/value.h

# prelude.scm as a C string, a literal for each line.
examples/scheme/prelude.c: examples/scheme/prelude.scm
	$(AM_V_GEN)$(MKDIR_P) examples/scheme && \
	{ echo '/* Made from prelude.scm. */'; \
	  echo '#include "prelude.h"'; \
	  echo 'const char prelude_text[] ='; \
	  sed -e 's/[\\"]/\\&/g' -e 's/^/  "/' -e 's/$$/\\n"/' \
	    $(top_srcdir)/examples/scheme/prelude.scm && \
	  echo '  ;'; } > $@.new && mv $@.new $@
CLEANFILES += examples/scheme/prelude.c

scheme_cppflags = -I$(top_srcdir)/include -I$(top_srcdir)/examples/scheme \
  $(GMP_CFLAGS) $(scheme_libedit_cppflags)
scheme_libs = $(GMP_LIBS) $(scheme_libedit_libs) -lm

if HAVE_LIBEDIT
scheme_libedit_cppflags = -DHAVE_LIBEDIT $(LIBEDIT_CFLAGS)
scheme_libedit_libs = $(LIBEDIT_LIBS)
else
scheme_libedit_cppflags =
scheme_libedit_libs =
endif

if HAVE_GMP
noinst_PROGRAMS += examples/scheme/scheme-gc \
  examples/scheme/scheme-mm-leaky examples/scheme/scheme-libc-leaky
endif

examples_scheme_scheme_gc_SOURCES = $(scheme_sources)
nodist_examples_scheme_scheme_gc_SOURCES = examples/scheme/prelude.c
examples_scheme_scheme_gc_CPPFLAGS = $(scheme_cppflags) -DREGIME_GC
examples_scheme_scheme_gc_LDADD = libgleaner.la $(scheme_libs)

examples_scheme_scheme_mm_leaky_SOURCES = $(scheme_sources)
nodist_examples_scheme_scheme_mm_leaky_SOURCES = examples/scheme/prelude.c
examples_scheme_scheme_mm_leaky_CPPFLAGS = $(scheme_cppflags) \
  -DREGIME_MM_LEAKY
examples_scheme_scheme_mm_leaky_LDADD = libgleaner.la $(scheme_libs)

examples_scheme_scheme_libc_leaky_SOURCES = $(scheme_sources)
nodist_examples_scheme_scheme_libc_leaky_SOURCES = examples/scheme/prelude.c
examples_scheme_scheme_libc_leaky_CPPFLAGS = $(scheme_cppflags) \
  -DREGIME_LIBC_LEAKY
examples_scheme_scheme_libc_leaky_LDADD = $(scheme_libs)

EXTRA_DIST += examples/scheme/README.md examples/scheme/prelude.scm \
  examples/scheme/tests/tests.scm examples/scheme/tests/run \
  $(scheme_programs:=.scm) $(scheme_programs:=.expected)

scheme_programs = \
  examples/scheme/programs/bigfib \
  examples/scheme/programs/churn \
  examples/scheme/programs/cpstak \
  examples/scheme/programs/ctak \
  examples/scheme/programs/deriv \
  examples/scheme/programs/destruct \
  examples/scheme/programs/earley \
  examples/scheme/programs/fib \
  examples/scheme/programs/fringe \
  examples/scheme/programs/graphs \
  examples/scheme/programs/maze \
  examples/scheme/programs/nbody \
  examples/scheme/programs/nqueens \
  examples/scheme/programs/peval \
  examples/scheme/programs/pi \
  examples/scheme/programs/primes \
  examples/scheme/programs/puzzle \
  examples/scheme/programs/quicksort \
  examples/scheme/programs/rewrite \
  examples/scheme/programs/strings \
  examples/scheme/programs/tables \
  examples/scheme/programs/tak \
  examples/scheme/programs/triangle
