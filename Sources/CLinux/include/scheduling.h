// How the processor's time is shared out among threads (Linux).
#ifndef TRIBUTARY_SCHEDULING_H
#define TRIBUTARY_SCHEDULING_H

/// Asks for short runs on a core for the calling thread, from 100 microseconds on, and no smaller a
/// share of its time. What sched_yield costs a thread that others compete with is one such run
/// (kernel 6.12 and later; earlier ones ignore it, and there a yield costs little anyway).
///
/// Returns 0, or the negated value of errno.
int cscheduling_ask_for_runs_of(unsigned microseconds);

/// The microseconds that the calling thread has asked for; negated errno if the kernel does not
/// tell.
int cscheduling_length_of_runs(void);

#endif
