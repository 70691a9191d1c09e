// libzmq's C interface, and the errno values that it reports, under names that Swift can import.
#ifndef TRIBUTARY_CZEROMQ_H
#define TRIBUTARY_CZEROMQ_H

#include <errno.h>
#include <zmq.h>

#endif
