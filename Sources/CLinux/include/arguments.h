// The arguments of this process as other processes see them.
#ifndef TRIBUTARY_ARGUMENTS_H
#define TRIBUTARY_ARGUMENTS_H

/// Overwrites the first `prefix` in each argument of this process, and all that follows it in the
/// argument, so that it is not visible in lists of processes any more. Swift's copy is not changed.
/// Returns the number of arguments that were changed.
int carguments_hide(const char *prefix);

#endif
