#define _GNU_SOURCE
#include "service.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe.h"

enum { backlog = 64 };

int cservice_open(void) {
  int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return descriptor >= 0 ? descriptor : -errno;
}

int cservice_send(int descriptor, const char *path, const char *text) {
  struct cprobe_address address = {0};
  cprobe_set_path(path, &address);
  ssize_t sent = sendto(descriptor, text, strlen(text), MSG_NOSIGNAL,
                        (const struct sockaddr *)address.bytes, address.size);
  return sent >= 0 ? 0 : -errno;
}

static int listen_at(const struct addrinfo *address) {
  int descriptor =
      socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor < 0) return -errno;
  const int yes = 1, no = 0;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (address->ai_family == AF_INET6)  // a socket at all addresses serves IPv4, too
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  if (bind(descriptor, address->ai_addr, address->ai_addrlen) == 0 &&
      listen(descriptor, backlog) == 0)
    return descriptor;
  int code = errno;
  close(descriptor);
  return -code;
}

static int resolve_and_listen(const char *host, const char *port, int family) {
  struct addrinfo hints = {
      .ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
  struct addrinfo *found = 0;
  if (getaddrinfo(host, port, &hints, &found) != 0) return -EDESTADDRREQ;
  int descriptor = listen_at(found);
  freeaddrinfo(found);
  return descriptor;
}

int cservice_listen(const char *host, const char *port) {
  if (strcmp(host, "*") != 0) return resolve_and_listen(host, port, AF_UNSPEC);
  int descriptor = resolve_and_listen(0, port, AF_INET6);
  int has_ipv6 = descriptor != -EDESTADDRREQ && descriptor != -EAFNOSUPPORT &&
                 descriptor != -EADDRNOTAVAIL;
  return has_ipv6 ? descriptor : resolve_and_listen(0, port, AF_INET);
}

int cservice_port(int descriptor) {
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  if (getsockname(descriptor, (struct sockaddr *)&address, &size) != 0) return -errno;
  return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                             : ((struct sockaddr_in *)&address)->sin_port);
}

int cservice_accept(int descriptor) {
  int accepted = accept4(descriptor, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return accepted >= 0 ? accepted : -errno;
}
