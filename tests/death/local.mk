# tests/death/local.mk -- misuse, one program each; `run` runs them all.  Each
# is made of the source of its name, as automake assumes.

death_programs = \
  tests/death/before_first_call \
  tests/death/code_address \
  tests/death/collected_block \
  tests/death/constant_address \
  tests/death/correct \
  tests/death/double_free \
  tests/death/double_free_after_collection \
  tests/death/double_free_after_frees \
  tests/death/double_free_after_mallocs \
  tests/death/double_free_after_trim \
  tests/death/free_after_realloc_to_zero \
  tests/death/free_in_the_middle_of_a_free_run \
  tests/death/freed_by_owner_then_thread \
  tests/death/freed_by_thread_then_owner \
  tests/death/freed_by_two_threads \
  tests/death/freed_twice_after_its_thread \
  tests/death/interior_16 \
  tests/death/interior_by_thread \
  tests/death/interior_byte \
  tests/death/interior_last_byte \
  tests/death/library_code_address \
  tests/death/never_allocated \
  tests/death/never_committed \
  tests/death/never_paged \
  tests/death/old_address_after_realloc \
  tests/death/other_allocator \
  tests/death/other_regime \
  tests/death/other_regime_by_thread \
  tests/death/past_large_block \
  tests/death/past_last_block \
  tests/death/second_slice \
  tests/death/small_integer \
  tests/death/stack_address \
  tests/death/stack_of_other_thread \
  tests/death/static_address \
  tests/death/tls_address \
  tests/death/uncollectable_as_manual \
  tests/death/wild_address \
  tests/death/wrong_alignment \
  tests/death/wrong_size_larger \
  tests/death/wrong_size_smaller \
  tests/death/wrong_size_wild

check_PROGRAMS += $(death_programs)

death_scripts = tests/death/run tests/death/options tests/death/poisoned
TESTS += $(death_scripts)
EXTRA_DIST += $(death_scripts) tests/death/death.h

tests_death_before_first_call_LDADD = libgleaner.la
tests_death_code_address_LDADD = libgleaner.la
tests_death_collected_block_LDADD = libgleaner.la
tests_death_constant_address_LDADD = libgleaner.la
tests_death_correct_LDADD = libgleaner.la
tests_death_double_free_LDADD = libgleaner.la
tests_death_double_free_after_collection_LDADD = libgleaner.la
tests_death_double_free_after_frees_LDADD = libgleaner.la
tests_death_double_free_after_mallocs_LDADD = libgleaner.la
tests_death_double_free_after_trim_LDADD = libgleaner.la
tests_death_free_after_realloc_to_zero_LDADD = libgleaner.la
tests_death_free_in_the_middle_of_a_free_run_LDADD = libgleaner.la
tests_death_freed_by_owner_then_thread_LDADD = libgleaner.la
tests_death_freed_by_thread_then_owner_LDADD = libgleaner.la
tests_death_freed_by_two_threads_LDADD = libgleaner.la
tests_death_freed_twice_after_its_thread_LDADD = libgleaner.la
tests_death_interior_16_LDADD = libgleaner.la
tests_death_interior_by_thread_LDADD = libgleaner.la
tests_death_interior_byte_LDADD = libgleaner.la
tests_death_interior_last_byte_LDADD = libgleaner.la
tests_death_library_code_address_LDADD = libgleaner.la
tests_death_never_allocated_LDADD = libgleaner.la
tests_death_never_committed_LDADD = libgleaner.la
tests_death_never_paged_LDADD = libgleaner.la
tests_death_old_address_after_realloc_LDADD = libgleaner.la
tests_death_other_allocator_LDADD = libgleaner.la
tests_death_other_regime_LDADD = libgleaner.la
tests_death_other_regime_by_thread_LDADD = libgleaner.la
tests_death_past_large_block_LDADD = libgleaner.la
tests_death_past_last_block_LDADD = libgleaner.la
tests_death_second_slice_LDADD = libgleaner.la
tests_death_small_integer_LDADD = libgleaner.la
tests_death_stack_address_LDADD = libgleaner.la
tests_death_stack_of_other_thread_LDADD = libgleaner.la
tests_death_static_address_LDADD = libgleaner.la
tests_death_tls_address_LDADD = libgleaner.la
tests_death_uncollectable_as_manual_LDADD = libgleaner.la
tests_death_wild_address_LDADD = libgleaner.la
tests_death_wrong_alignment_LDADD = libgleaner.la
tests_death_wrong_size_larger_LDADD = libgleaner.la
tests_death_wrong_size_smaller_LDADD = libgleaner.la
tests_death_wrong_size_wild_LDADD = libgleaner.la
