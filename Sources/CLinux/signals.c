#define _GNU_SOURCE

#include "signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int is_ignored(int number) {
  struct sigaction action;
  return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static sigset_t watched_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  // signalfd delivers a blocked signal even if it is ignored, which would defeat nohup.
  if (!is_ignored(SIGHUP)) sigaddset(&set, SIGHUP);
  return set;
}

static sigset_t only(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  return set;
}

int csignals_open(void) {
  sigset_t stop = only(SIGTSTP);
  int code = pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
  if (code != 0) return -code;
  sigset_t set = watched_signals();
  sigset_t blocked = set;
  sigaddset(&blocked, SIGCONT);
  code = pthread_sigmask(SIG_BLOCK, &blocked, NULL);
  if (code != 0) return -code;
  signal(SIGPIPE, SIG_IGN);
  int descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return descriptor >= 0 ? descriptor : -errno;
}

int csignals_add_suspension(int descriptor) {
  if (descriptor < 0) return -EBADF;  // signalfd would open another one
  if (is_ignored(SIGTSTP)) return 0;
  sigset_t stop = only(SIGTSTP);
  int code = pthread_sigmask(SIG_BLOCK, &stop, NULL);
  if (code != 0) return -code;
  sigset_t set = watched_signals();
  sigaddset(&set, SIGTSTP);
  return signalfd(descriptor, &set, 0) >= 0 ? 0 : -errno;
}

int csignals_open_continuation(void) {
  sigset_t set = only(SIGCONT);
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
  sigaddset(&set, SIGTSTP);
  sigaddset(&set, SIGCONT);
  int failure = close(descriptor) == 0 ? 0 : errno;
  int code = pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  return code != 0 ? -code : -failure;
}

int csignals_resume_on_parent_exit(void) {
  return prctl(PR_SET_PDEATHSIG, SIGCONT) == 0 ? 0 : -errno;
}
