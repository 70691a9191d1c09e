// SIGTERM, SIGINT and SIGHUP as a readable file descriptor (Linux).
//
// A signal handler may do next to nothing; a descriptor is waited for together with the sockets,
// and the signal is handled like any other event. Swift's Glibc module has no signalfd, hence this
// target.
#ifndef TRIBUTARY_SIGNALS_H
#define TRIBUTARY_SIGNALS_H

/// Blocks SIGTERM, SIGINT and SIGHUP in the calling thread and returns a descriptor on which they
/// arrive. A SIGHUP that is ignored, as nohup wants it, stays so.
///
/// From now on SIGPIPE is ignored: a process that is to end in order must not die of writing to a
/// reader that ended before it, such as the other commands of a pipeline after Control-C.
///
/// Call it in the main thread before any other is started: threads inherit the mask, and a signal
/// that some thread does not block ends the process. Programs that are started inherit it as well,
/// so they see these signals only if they open a descriptor, too, or unblock them.
///
/// The descriptor does not block and is not passed on to programs that are started. Its owner
/// closes it.
///
/// Returns a descriptor, or the negated value of errno.
int csignals_open(void);

/// Takes the next signal that has arrived on a descriptor of csignals_open.
///
/// Returns its number, 0 if there is none, or the negated value of errno.
int csignals_next(int descriptor);

/// Closes a descriptor of csignals_open and unblocks the signals in the calling thread, where they
/// have their default effect again; one that has arrived and was not taken has it at once.
///
/// Returns 0, or the negated value of errno.
int csignals_close(int descriptor);

/// Has SIGCONT sent to this process when the thread that started it ends: a process that is stopped
/// cannot see that its parent is gone, and would stay for ever.
///
/// Returns 0, or the negated value of errno.
int csignals_wake_with_parents_end(void);

#endif
