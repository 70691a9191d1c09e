// What the project needs of Linux and Swift's Glibc module lacks.
#ifndef TRIBUTARY_CLINUX_H
#define TRIBUTARY_CLINUX_H

#include "scheduling.h"
#include "signals.h"

#endif
