// Attempts to connect to an address, with the reason for which one failed.
#ifndef TRIBUTARY_PROBE_H
#define TRIBUTARY_PROBE_H

#include <stdint.h>

/// A socket address of any family.
struct cprobe_address {
  int family;
  uint32_t size;
  uint8_t bytes[128];
};

/// Resolves the name of a host for TCP to its first address, IPv4 or IPv6, which may take several
/// seconds. Returns 0, or a code for gai_strerror.
int cprobe_resolve(const char *host, const char *port, struct cprobe_address *address);

/// Sets the address of a socket in the file system; a path that begins with @ is an abstract name.
void cprobe_set_path(const char *path, struct cprobe_address *address);

/// Connects within a time limit. Returns the descriptor, or a negative value of errno.
int cprobe_connect(const struct cprobe_address *address, int milliseconds);

/// Receives bytes within a time limit. Returns their number, 0 if the connection has ended, or -1
/// if none have arrived.
int cprobe_receive(int descriptor, int milliseconds, uint8_t *bytes, int most);

#endif
