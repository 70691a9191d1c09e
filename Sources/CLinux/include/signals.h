// Signals as readable file descriptors (Linux).
//
// A signal handler may do next to nothing; a descriptor is polled together with the sockets, and
// the signal is handled like any other event. Swift's Glibc module has no signalfd, hence this
// target.
#ifndef TRIBUTARY_SIGNALS_H
#define TRIBUTARY_SIGNALS_H

/// Blocks SIGTERM, SIGINT and SIGHUP in the calling thread and returns a descriptor on which they
/// arrive. A SIGHUP that is ignored, as under nohup, stays ignored.
///
/// Also blocks SIGCONT, for csignals_open_continuation; a stopped process is continued by it all
/// the same. Unblocks SIGTSTP, which a parent may have blocked with csignals_add_suspension.
///
/// From now on SIGPIPE is ignored: a process that stops in order must not be killed for writing to
/// a reader that exited before it, such as the other commands of a pipeline after Control-C.
///
/// Call it in the main thread before any other is started: threads inherit the mask, and a signal
/// that some thread does not block ends the process. Programs that are started inherit it as well,
/// so they receive these signals only if they open a descriptor, too, or unblock them.
///
/// The descriptor does not block and is not passed on to programs that are started. Its owner
/// closes it.
///
/// Returns a descriptor, or the negated value of errno.
int csignals_open(void);

/// Adds SIGTSTP, which Control-Z sends, to a descriptor of csignals_open and blocks it in the
/// calling thread. A SIGTSTP that is ignored stays ignored.
///
/// Returns 0, or the negated value of errno.
int csignals_add_suspension(int descriptor);

/// Returns a descriptor that is readable after this process was continued by SIGCONT, provided that
/// csignals_open has blocked that signal; otherwise it is never readable. Each signal is delivered
/// to one descriptor only. The descriptor does not block; its owner closes it with close.
///
/// Returns a descriptor, or the negated value of errno.
int csignals_open_continuation(void);

/// Takes the next signal that has arrived on a descriptor of csignals_open or
/// csignals_open_continuation.
///
/// Returns its number, 0 if there is none, or the negated value of errno.
int csignals_next(int descriptor);

/// Closes a descriptor of csignals_open and unblocks its signals in the calling thread, which
/// restores their default effect; one that has arrived and was not taken has its effect at once.
///
/// Returns 0, or the negated value of errno.
int csignals_close(int descriptor);

/// Has the kernel send SIGCONT to this process when the thread that started it ends: a process that
/// is stopped cannot detect the end of its parent, and would stay for ever.
///
/// Returns 0, or the negated value of errno.
int csignals_wake_with_parents_end(void);

#endif
