# gleaner.m4 -- the macros of configure.ac.

# GLEANER_CC_FLAGS(VARIABLE, FLAGS)
# Substitutes VARIABLE by those FLAGS that the C compiler takes in silence.
AC_DEFUN([GLEANER_CC_FLAGS],
[AC_MSG_CHECKING([for flags of $CC: $1])
$1=
gleaner_refused=
gleaner_saved_CFLAGS=$CFLAGS
for gleaner_flag in m4_normalize([$2]); do
  CFLAGS="$gleaner_saved_CFLAGS -Werror $gleaner_flag"
  AC_COMPILE_IFELSE([AC_LANG_SOURCE([[int gleaner_x(void);
      int gleaner_x(void) { return 0; }]])],
    [$1="$$1 $gleaner_flag"],
    [gleaner_refused="$gleaner_refused $gleaner_flag"])
done
CFLAGS=$gleaner_saved_CFLAGS
AS_IF([test -n "$gleaner_refused"],
  [AC_MSG_RESULT([all but$gleaner_refused])],
  [AC_MSG_RESULT([all])])
AC_SUBST([$1])])

# GLEANER_OPTIONAL(NAME, PKG-CONFIG-NAME, HEADER, LIBRARY)
# Looks for a library that may be absent: by pkg-config, else by its header and
# -lLIBRARY.  Substitutes NAME_CFLAGS and NAME_LIBS, sets have_NAME to yes or
# no, and defines the Makefile conditional HAVE_NAME.
AC_DEFUN([GLEANER_OPTIONAL],
[have_$1=no
PKG_CHECK_MODULES([$1], [$2], [have_$1=yes],
  [AC_CHECK_HEADER([$3],
     [AC_MSG_CHECKING([for -l$4])
      gleaner_saved_LIBS=$LIBS
      LIBS="-l$4 $LIBS"
      AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
        [have_$1=yes; $1_CFLAGS=; $1_LIBS=-l$4])
      LIBS=$gleaner_saved_LIBS
      AC_MSG_RESULT([$have_$1])])])
AM_CONDITIONAL([HAVE_$1], [test "x$have_$1" = xyes])])
