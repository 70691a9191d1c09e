#include "addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

static int is_usable(const struct ifaddrs *interface) {
  return interface->ifa_addr != 0 && interface->ifa_addr->sa_family == AF_INET &&
         (interface->ifa_flags & IFF_UP) != 0 && (interface->ifa_flags & IFF_LOOPBACK) == 0;
}

int caddresses_first(char *text, uint32_t size) {
  struct ifaddrs *all = 0;
  if (getifaddrs(&all) != 0) return 0;
  int found = 0;
  for (struct ifaddrs *next = all; next != 0 && !found; next = next->ifa_next) {
    found = is_usable(next) && getnameinfo(next->ifa_addr, sizeof(struct sockaddr_in), text, size,
                                           0, 0, NI_NUMERICHOST) == 0;
  }
  freeifaddrs(all);
  return found;
}
