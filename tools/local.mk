# tools/local.mk -- programs that serve the project itself.

# The runner behind ./try.
noinst_PROGRAMS += tools/try/race
tools_try_race_SOURCES = tools/try/race.c
