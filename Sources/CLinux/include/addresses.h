// The addresses of this host.
#ifndef TRIBUTARY_ADDRESSES_H
#define TRIBUTARY_ADDRESSES_H

#include <stdint.h>

/// Writes the first IPv4 address of an interface that is up and not the loopback as text into
/// `text`, which has room for `size` bytes. Returns 1, or 0 if there is none.
int caddresses_first(char *text, uint32_t size);

#endif
