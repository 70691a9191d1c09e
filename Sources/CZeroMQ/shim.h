// The C interface of libzmq and the errno values that it reports.
#ifndef TRIBUTARY_CZEROMQ_H
#define TRIBUTARY_CZEROMQ_H

#include <errno.h>
#include <zmq.h>

#endif
