// Signals as readable file descriptors (Linux).
//
// Very few operations are allowed in a signal handler. A descriptor can be polled together with the
// sockets, so a signal is handled like any other event. Swift's Glibc module does not provide
// signalfd.
#ifndef TRIBUTARY_SIGNALS_H
#define TRIBUTARY_SIGNALS_H

/// Blocks SIGTERM, SIGINT and SIGHUP in the calling thread and returns a descriptor that receives
/// them. A SIGHUP that is ignored, as set by nohup, stays ignored.
///
/// Also blocks SIGCONT, for csignals_open_continuation; a stopped process is continued by it all
/// the same. Unblocks SIGTSTP, which a parent may have blocked with csignals_add_suspension.
///
/// Also ignores SIGPIPE: writing to a reader that has already exited, such as another command of a
/// pipeline after Control-C, must not prevent an orderly shutdown.
///
/// Call this function in the main thread before any other thread starts: threads inherit the signal
/// mask, and a signal that any thread does not block terminates the process. Child processes
/// inherit the mask, too, and receive these signals only if they also open a descriptor or unblock
/// them.
///
/// The descriptor is non-blocking and is not inherited by child processes. The caller closes it
/// with csignals_close.
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

/// Reads the next pending signal from a descriptor of csignals_open or csignals_open_continuation.
///
/// Returns the signal's number, 0 if none is pending, or the negated value of errno.
int csignals_next(int descriptor);

/// Closes a descriptor of csignals_open and unblocks the signals in the calling thread, restoring
/// their default effect; a pending signal that was not read takes effect immediately.
///
/// Returns 0, or the negated value of errno.
int csignals_close(int descriptor);

/// Requests that the kernel send SIGCONT to this process when the thread that started it exits. A
/// stopped process could not otherwise detect that its parent has exited and would stay stopped
/// forever.
///
/// Returns 0, or the negated value of errno.
int csignals_resume_on_parent_exit(void);

#endif
