// How the processor's time is shared out among threads (Linux).
#ifndef TRIBUTARY_SCHEDULING_H
#define TRIBUTARY_SCHEDULING_H

/// Asks for long runs on a core for the calling thread, 0.1 to 100 milliseconds, without a greater
/// share of its time: a thread that has just a little to do and wakes up meanwhile is let in at
/// once, since it has asked for less (kernel 6.12 and later; earlier ones ignore it).
///
/// Returns 0, or the negated value of errno.
int cscheduling_ask_for_long_runs(unsigned milliseconds);

/// The milliseconds that the calling thread has asked for, rounded down; negated errno if the
/// kernel does not tell.
int cscheduling_length_of_runs(void);

#endif
