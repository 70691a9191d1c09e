#include "listener.h"

#include <linux/filter.h>
#include <sys/socket.h>

int clistener_pause(int descriptor) {
  struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
  const struct sock_fprog program = {.len = 1, .filter = &drop};
  return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

int clistener_resume(int descriptor) {
  const int unused = 0;
  return setsockopt(descriptor, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) == 0;
}
