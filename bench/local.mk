# bench/local.mk -- one program a regime, the driver, and the targets
#
#     make bench                                    all rows, 5 runs each
#     make bench RUNS=9 BENCH="gcbench malloc-micro=pair"
#     make bench REGIMES=gleaner-mm,mimalloc
#     make bench-instructions                       needs valgrind
#
# Nothing here is built by `make`.  A competitor whose library is absent is
# left out.  All programs come from the same sources; none may know the
# allocation functions better than another, hence -fno-builtin-*.

RUNS = 5
BENCH =
REGIMES = gleaner-gc,gleaner-mm,bdwgc,mimalloc,jemalloc,tcmalloc,glibc

bench_workloads = \
  bench/main.c bench/regime.h bench/workload.h bench/gctree.h \
  bench/gcbench.c bench/mt-gcbench.c bench/binary-trees.c \
  bench/malloc-micro.c bench/cross-thread.c bench/mark-graph.c \
  bench/alloc-die.c bench/startup.c
bench_cflags = $(AM_CFLAGS) \
  -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-free
# The library stays linked even where it only stands in for libc's malloc.
bench_ldflags = $(AM_LDFLAGS) -no-install -Wl,--no-as-needed

bench_programs = bench/gleaner-gc bench/gleaner-mm bench/glibc

bench_gleaner_gc_SOURCES = $(bench_workloads)
bench_gleaner_gc_CPPFLAGS = -DREGIME_GLEANER_GC -I$(top_srcdir)/include
bench_gleaner_gc_CFLAGS = $(bench_cflags)
bench_gleaner_gc_LDFLAGS = $(bench_ldflags)
bench_gleaner_gc_LDADD = libgleaner.la

bench_gleaner_mm_SOURCES = $(bench_workloads)
bench_gleaner_mm_CPPFLAGS = -DREGIME_GLEANER_MM -I$(top_srcdir)/include
bench_gleaner_mm_CFLAGS = $(bench_cflags)
bench_gleaner_mm_LDFLAGS = $(bench_ldflags)
bench_gleaner_mm_LDADD = libgleaner.la

bench_glibc_SOURCES = $(bench_workloads)
bench_glibc_CPPFLAGS = -DREGIME_GLIBC
bench_glibc_CFLAGS = $(bench_cflags)
bench_glibc_LDFLAGS = $(bench_ldflags)

if HAVE_BDWGC
bench_programs += bench/bdwgc
bench_bdwgc_SOURCES = $(bench_workloads)
bench_bdwgc_CPPFLAGS = -DREGIME_BDWGC $(BDWGC_CFLAGS)
bench_bdwgc_CFLAGS = $(bench_cflags)
bench_bdwgc_LDFLAGS = $(bench_ldflags)
bench_bdwgc_LDADD = $(BDWGC_LIBS)
endif

if HAVE_MIMALLOC
bench_programs += bench/mimalloc
bench_mimalloc_SOURCES = $(bench_workloads)
bench_mimalloc_CPPFLAGS = -DREGIME_MIMALLOC $(MIMALLOC_CFLAGS)
bench_mimalloc_CFLAGS = $(bench_cflags)
bench_mimalloc_LDFLAGS = $(bench_ldflags)
bench_mimalloc_LDADD = $(MIMALLOC_LIBS)
endif

if HAVE_JEMALLOC
bench_programs += bench/jemalloc
bench_jemalloc_SOURCES = $(bench_workloads)
bench_jemalloc_CPPFLAGS = -DREGIME_JEMALLOC $(JEMALLOC_CFLAGS)
bench_jemalloc_CFLAGS = $(bench_cflags)
bench_jemalloc_LDFLAGS = $(bench_ldflags)
bench_jemalloc_LDADD = $(JEMALLOC_LIBS)
endif

if HAVE_TCMALLOC
bench_programs += bench/tcmalloc
bench_tcmalloc_SOURCES = $(bench_workloads)
bench_tcmalloc_CPPFLAGS = -DREGIME_TCMALLOC $(TCMALLOC_CFLAGS)
bench_tcmalloc_CFLAGS = $(bench_cflags)
bench_tcmalloc_LDFLAGS = $(bench_ldflags)
bench_tcmalloc_LDADD = $(TCMALLOC_LIBS)
endif

bench_bench_SOURCES = bench/bench.c bench/child.c bench/child.h \
  bench/plan.c bench/plan.h bench/report.c bench/report.h
bench_bench_CPPFLAGS =
bench_bench_LDADD = -lm

EXTRA_PROGRAMS += bench/bench $(bench_programs)

bench: bench/bench$(EXEEXT) $(bench_programs)
	bench/bench$(EXEEXT) -n $(RUNS) -r $(REGIMES) -o bench.tsv $(BENCH)

bench-instructions: $(bench_programs)
	$(srcdir)/bench/instructions bench

PHONY += bench bench-instructions
EXTRA_DIST += bench/README.md bench/instructions
CLEANFILES += bench/bench$(EXEEXT) $(bench_programs) bench.tsv
