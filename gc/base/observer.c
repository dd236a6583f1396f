// observer.c -- see observer.h

#include "base/observer.h"

bool observer_present;
