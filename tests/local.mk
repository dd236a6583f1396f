# tests/local.mk -- lists what is built of tests/.
include $(top_srcdir)/tests/scheme/local.mk
include tests/unit/local.mk
include tests/roots/local.mk
include tests/api/local.mk
include tests/death/local.mk
