#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void set(struct cprobe_address *address, const void *from, size_t size, int family) {
  address->family = family;
  address->size = (uint32_t)(size < sizeof address->bytes ? size : sizeof address->bytes);
  memcpy(address->bytes, from, address->size);
}

int cprobe_resolve(const char *host, const char *port, struct cprobe_address *address) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *found = NULL;
  int code = getaddrinfo(host, port, &hints, &found);
  if (code != 0) return code;
  set(address, found->ai_addr, found->ai_addrlen, found->ai_family);
  freeaddrinfo(found);
  return 0;
}

void cprobe_set_path(const char *path, struct cprobe_address *address) {
  struct sockaddr_un local = {.sun_family = AF_UNIX};
  int is_abstract = path[0] == '@';
  size_t length = strnlen(path, sizeof local.sun_path - 1);
  memcpy(local.sun_path, path, length);
  if (is_abstract) local.sun_path[0] = 0;
  size_t size = offsetof(struct sockaddr_un, sun_path) + length + (is_abstract ? 0 : 1);
  set(address, &local, size, AF_UNIX);
}

/// Waits for the end of a connection attempt; returns 0 or a value of errno.
static int wait_for_connection(int descriptor, int milliseconds) {
  struct pollfd polled = {.fd = descriptor, .events = POLLOUT};
  if (poll(&polled, 1, milliseconds) <= 0) return ETIMEDOUT;
  int code = 0;
  socklen_t size = sizeof code;
  return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno;
}

int cprobe_connect(const struct cprobe_address *address, int milliseconds) {
  int descriptor = socket(address->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  int code = 0;
  if (connect(descriptor, (const struct sockaddr *)address->bytes, address->size) != 0)
    code = errno == EINPROGRESS ? wait_for_connection(descriptor, milliseconds) : errno;
  if (code == 0) return descriptor;
  close(descriptor);
  return -code;
}

int cprobe_receive(int descriptor, int milliseconds, uint8_t *bytes, int most) {
  struct pollfd polled = {.fd = descriptor, .events = POLLIN};
  if (poll(&polled, 1, milliseconds) <= 0) return -1;
  ssize_t count = recv(descriptor, bytes, (size_t)most, 0);
  return count > 0 ? (int)count : 0;
}
