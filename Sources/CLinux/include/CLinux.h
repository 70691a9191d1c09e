// Linux interfaces that Swift's Glibc module does not provide.
#ifndef TRIBUTARY_CLINUX_H
#define TRIBUTARY_CLINUX_H

#include "addresses.h"
#include "arguments.h"
#include "heap.h"
#include "listener.h"
#include "probe.h"
#include "scheduling.h"
#include "service.h"
#include "signals.h"

#endif
