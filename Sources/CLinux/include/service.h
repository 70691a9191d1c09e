// Datagrams to the service manager, and listening TCP sockets of other protocols than ZeroMQ.
#ifndef TRIBUTARY_SERVICE_H
#define TRIBUTARY_SERVICE_H

/// Opens a socket for datagrams to sockets in the file system. The descriptor does not block and is
/// not inherited by child processes; its owner closes it. Returns it, or a negative value of errno.
int cservice_open(void);

/// Sends a text as one datagram to the socket with this path; a path that begins with @ is an
/// abstract name. Returns 0, or a negative value of errno.
int cservice_send(int descriptor, const char *path, const char *text);

/// Listens at the first address of a host, or for * at all addresses of this one. The descriptor
/// does not block and is not inherited by child processes; its owner closes it.
///
/// Returns the descriptor or a negative value of errno; if the name of the host cannot be resolved,
/// -EDESTADDRREQ.
int cservice_listen(const char *host, const char *port);

/// Returns the port at which a socket listens, or a negative value of errno.
int cservice_port(int descriptor);

/// Accepts a connection, with the properties of the descriptors above. Returns it or a negative
/// value of errno.
int cservice_accept(int descriptor);

#endif
