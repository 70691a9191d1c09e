#include "addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/// Appends an address and a line break; returns 1, or 0 if there is no room.
static int append(const struct sockaddr *address, char *text, uint32_t size) {
  char line[NI_MAXHOST + 1];
  socklen_t length =
      address->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
  if (getnameinfo(address, length, line, NI_MAXHOST, 0, 0, NI_NUMERICHOST) != 0) return 0;
  strcat(line, "\n");
  if (strlen(text) + strlen(line) >= size) return 0;
  strcat(text, line);
  return 1;
}

static int is_link_local(const struct sockaddr *address) {
  return address->sa_family == AF_INET6 &&
         IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

static int is_wanted(const struct ifaddrs *entry, const char *interface, int family) {
  if (entry->ifa_addr == 0 || entry->ifa_addr->sa_family != family) return 0;
  if ((entry->ifa_flags & IFF_UP) == 0 || is_link_local(entry->ifa_addr)) return 0;
  return interface != 0 ? strcmp(entry->ifa_name, interface) == 0
                        : (entry->ifa_flags & IFF_LOOPBACK) == 0;
}

int caddresses_of_interface(const char *interface, char *text, uint32_t size) {
  static const int families[] = {AF_INET, AF_INET6};
  if (size > 0) text[0] = 0;
  struct ifaddrs *all = 0;
  if (getifaddrs(&all) != 0) return 0;
  int count = 0;
  for (int index = 0; index < 2; index++) {
    for (struct ifaddrs *next = all; next != 0; next = next->ifa_next) {
      if (is_wanted(next, interface, families[index])) count += append(next->ifa_addr, text, size);
    }
  }
  freeifaddrs(all);
  return count;
}

int caddresses_of_name(const char *name, char *text, uint32_t size) {
  if (size > 0) text[0] = 0;
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *found = 0;
  int code = getaddrinfo(name, 0, &hints, &found);
  if (code != 0) return code;
  for (struct addrinfo *next = found; next != 0; next = next->ai_next) {
    int family = next->ai_family;
    if (family == AF_INET || family == AF_INET6) append(next->ai_addr, text, size);
  }
  freeaddrinfo(found);
  return 0;
}
