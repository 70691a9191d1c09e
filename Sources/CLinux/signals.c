#define _GNU_SOURCE

#include "signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static sigset_t watched_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  struct sigaction hangup;
  // signalfd delivers a blocked signal even if it is ignored, which would defeat nohup.
  int is_ignored = sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler == SIG_IGN;
  if (!is_ignored) sigaddset(&set, SIGHUP);
  return set;
}

int csignals_open(void) {
  sigset_t set = watched_signals();
  int code = pthread_sigmask(SIG_BLOCK, &set, NULL);
  if (code != 0) return -code;
  signal(SIGPIPE, SIG_IGN);
  int descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return descriptor >= 0 ? descriptor : -errno;
}

int csignals_next(int descriptor) {
  struct signalfd_siginfo info;
  for (;;) {
    ssize_t count = read(descriptor, &info, sizeof info);
    if (count == (ssize_t)sizeof info) return (int)info.ssi_signo;
    if (count >= 0) return -EIO;
    if (errno == EAGAIN) return 0;
    if (errno != EINTR) return -errno;
  }
}

int csignals_close(int descriptor) {
  sigset_t set = watched_signals();
  int failure = close(descriptor) == 0 ? 0 : errno;
  int code = pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  return code != 0 ? -code : -failure;
}

int csignals_resume_on_parent_exit(void) {
  return prctl(PR_SET_PDEATHSIG, SIGCONT) == 0 ? 0 : -errno;
}
