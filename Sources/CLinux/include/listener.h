// Whether a listening socket accepts connections.
#ifndef TRIBUTARY_LISTENER_H
#define TRIBUTARY_LISTENER_H

/// Drops all requests to connect to a listening TCP socket in the kernel, at little cost; the peers
/// repeat them after a second and more. Open connections are not affected. Returns 1, or 0 on
/// failure.
int clistener_pause(int descriptor);

/// Ends the effect of `clistener_pause`. Returns 1, or 0 on failure.
int clistener_resume(int descriptor);

#endif
