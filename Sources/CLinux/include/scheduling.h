// Scheduling of threads (Linux).
#ifndef TRIBUTARY_SCHEDULING_H
#define TRIBUTARY_SCHEDULING_H

/// Requests time slices of the given length, at least 100 microseconds, for the calling thread. Its
/// share of processor time does not change. With competing threads, sched_yield costs the caller
/// about one such time slice (kernel 6.12 and later; earlier kernels ignore the request, and there
/// a yield costs little).
///
/// Returns 0, or the negated value of errno.
int cscheduling_set_time_slice(unsigned microseconds);

/// Returns the length of time slice that the calling thread has requested, in microseconds, or the
/// negated value of errno.
int cscheduling_time_slice(void);

#endif
