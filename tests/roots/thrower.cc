// thrower.cc -- a library in C++ that a program in C opens: it throws and
// catches by itself, and catches what the C++ library throws

#include <stdexcept>
#include <string>
#include <vector>

extern "C" int throw_and_catch(int value);
extern "C" int throw_and_catch(int value) {
  int sum = 0;
  try {
    throw value;
  } catch (int caught) {
    sum += caught;
  }
  try {
    sum += static_cast<int>(std::vector<int>(1).at(5));
  } catch (const std::out_of_range &) {
    sum += 100;
  }
  return sum;
}
