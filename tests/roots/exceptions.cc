// exceptions.cc -- the only pointer lies in a C++ exception in flight
//
// The exception object is in memory of malloc; while it flies, is caught, or is
// kept by a std::exception_ptr on a stack or in static memory, its members are
// roots.

#include <gleaner/gc.h>

#include <exception>
#include <stdexcept>
#include <thread>

#include "held.h"

namespace {

struct carrier {
  void *pointer;
  char rest[100];
};

unsigned alive, stayed;
hidden current;

void look() {
  held_collect();
  alive += held_is_alive(current) != 0;
}

NOINLINE void throw_it() {
  carrier it = {held_show(current), {}};
  held_scrub();
  throw it;
}

struct looks_when_destroyed {
  ~looks_when_destroyed() { look(); }
};

NOINLINE void throw_through_destructor() {
  looks_when_destroyed frame;
  throw_it();
}

NOINLINE void collect_while_unwinding() {
  try {
    throw_through_destructor();
  } catch (const carrier &) {
  }
}

NOINLINE void collect_in_handler() {
  try {
    throw_it();
  } catch (const carrier &) {
    look();
  }
}

NOINLINE void collect_in_nested_handler() {
  try {
    try {
      throw_it();
    } catch (const carrier &) {
      try {
        throw 1;
      } catch (int) {
      }
      throw;
    }
  } catch (const carrier &) {
    look();
  }
}

NOINLINE void keep_in(std::exception_ptr &kept) {
  try {
    throw_it();
  } catch (...) {
    kept = std::current_exception();
  }
}

NOINLINE void collect_with_pointer_on_stack() {
  std::exception_ptr kept;
  keep_in(kept);
  held_scrub();
  look();
}

std::exception_ptr in_bss;

NOINLINE void collect_with_pointer_in_bss() {
  keep_in(in_bss);
  held_scrub();
  look();
  in_bss = nullptr;
}

// Carried over to another thread and thrown again there.
NOINLINE void collect_in_other_thread() {
  std::exception_ptr kept;
  keep_in(kept);
  std::thread other([&kept] {
    try {
      std::rethrow_exception(kept);
    } catch (const carrier &) {
      look();
    }
  });
  other.join();
}

void claim(const char *words, void (*fly)()) {
  static hidden objects[HELD_ROUNDS];
  alive = stayed = 0;
  for (unsigned i = 0; i < HELD_ROUNDS; i++) {
    current = objects[i] = held_make();
    fly();
    held_scrub();
  }
  current = 0;
  held_collect();
  for (unsigned i = 0; i < HELD_ROUNDS; i++)
    stayed += held_is_alive(objects[i]) != 0;
  held_report(words, alive == HELD_ROUNDS && stayed * 10 <= HELD_ROUNDS);
}

}  // namespace

int main() {
  held_deadline(60);
  claim("an exception in flight, seen by a destructor",
        collect_while_unwinding);
  claim("a caught exception, in its handler", collect_in_handler);
  claim("an exception thrown again after another", collect_in_nested_handler);
  claim("an exception_ptr on the stack", collect_with_pointer_on_stack);
  claim("an exception_ptr in static memory", collect_with_pointer_in_bss);
  claim("an exception thrown again in another thread",
        collect_in_other_thread);
  return held_result();
}
