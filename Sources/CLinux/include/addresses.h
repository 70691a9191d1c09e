// The addresses of this host and of other hosts.
#ifndef TRIBUTARY_ADDRESSES_H
#define TRIBUTARY_ADDRESSES_H

#include <stdint.h>

/// Writes the addresses of an interface of this host as texts, one a line, into `text`, which has
/// room for `size` bytes: the IPv4 addresses first, then those of IPv6 that are not link-local.
/// Without an interface (NULL) it writes those of all interfaces that are up, except loopbacks.
/// Returns their number; addresses without room are omitted.
int caddresses_of_interface(const char *interface, char *text, uint32_t size);

/// Writes the addresses of a host with this name in the same form, in the order in which the system
/// prefers them. The name servers may take several seconds. Returns 0, or a code for gai_strerror.
int caddresses_of_name(const char *name, char *text, uint32_t size);

#endif
