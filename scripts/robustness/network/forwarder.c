// Forwards frames between pairs of TAP devices in network namespaces, with delay, loss and rate:
// each pair is a cable, for example from a host to a port of a bridge.
//
// Arguments, in groups of eleven, one group for each link:
//   NAMESPACE DEVICE NAMESPACE DEVICE   the two ends, created here and configured by the caller
//   DELAY LOSS RATE DELAY LOSS RATE     from the first end to the second, then the other way:
//                                       microseconds, a fraction, bytes per second (0: unlimited)
//   LARGEST                             bytes of the largest packet that passes (0: unlimited);
//                                       larger ones vanish, as on a path with a small MTU
// preceded by SEED, of the losses, and QUEUE: bytes that wait for the rate in each direction (0:
// what the rate carries in 100 ms, at least 64 KiB). The rate is a token bucket of one frame.
//
// Prints "ready" once the devices exist. The command "counters" on standard input prints a line for
// each direction: link, direction, frames, bytes, frames lost, frames beyond the queue; then "end".
// Ends with its input.
//
// Exit codes: 0 the end of the input; 64 wrong arguments; 74 a device or namespace cannot be used.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { LARGEST_FRAME = 2048, ETHERNET_HEADER = 14, RING = 1 << 15, MOST_LINKS = 32, BURST = 64,
       GROUP = 11 };

struct packet {
  uint64_t due;
  uint32_t size;
  uint8_t *bytes;
};

struct direction {
  int from, to;
  uint64_t delay;  // nanoseconds
  double loss;
  double rate;  // bytes per nanosecond, 0: unlimited
  uint64_t queue, largest;
  uint64_t random;
  uint64_t free_at;  // when the last accepted packet has left the bottleneck
  struct packet ring[RING];
  unsigned head, count;
  uint64_t packets, bytes, lost, overflowed;
};

static struct direction *directions[2 * MOST_LINKS];
static int direction_count;

static void fail(const char *what) {
  fprintf(stderr, "forwarder: %s: %s\n", what, strerror(errno));
  exit(74);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/// Returns the next number from 0 to 1 of a direction (SplitMix64).
static double draw(struct direction *direction) {
  uint64_t z = direction->random += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/// Creates a TAP device in a namespace; it stays there while its descriptor is open.
static int open_device(const char *namespace, const char *name) {
  char path[256];
  snprintf(path, sizeof path, "/var/run/netns/%s", namespace);
  int space = open(path, O_RDONLY | O_CLOEXEC);
  if (space < 0 || setns(space, CLONE_NEWNET) < 0) fail(namespace);
  close(space);
  int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) fail("/dev/net/tun");
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(device, TUNSETIFF, &request) < 0) fail(name);
  return device;
}

static void add_direction(int from, int to, char **values, uint64_t largest, uint64_t queue,
                          uint64_t seed) {
  struct direction *direction = calloc(1, sizeof *direction);
  if (!direction) fail("memory");
  direction->from = from;
  direction->to = to;
  direction->delay = strtoull(values[0], NULL, 10) * 1000;
  direction->loss = strtod(values[1], NULL);
  direction->rate = strtod(values[2], NULL) / 1e9;
  direction->largest = largest;
  uint64_t tenth = (uint64_t)(direction->rate * 1e8);
  direction->queue = queue ? queue : tenth < 65536 ? 65536 : tenth;
  direction->random = seed * 1000 + (uint64_t)direction_count;
  directions[direction_count++] = direction;
}

/// Decides the fate of a packet that has arrived; takes its memory.
static void accept_packet(struct direction *direction, uint8_t *bytes, uint32_t size,
                          uint64_t time) {
  int is_lost = draw(direction) < direction->loss;
  int is_large = direction->largest && size > direction->largest + ETHERNET_HEADER;
  if (is_lost || is_large) {
    direction->lost += 1;
    free(bytes);
    return;
  }
  uint64_t leaves = time;
  if (direction->rate > 0) {
    uint64_t start = direction->free_at > time ? direction->free_at : time;
    double waiting = (double)(start - time) * direction->rate;
    if (waiting + size > (double)direction->queue) {
      direction->overflowed += 1;
      free(bytes);
      return;
    }
    leaves = direction->free_at = start + (uint64_t)(size / direction->rate);
  }
  if (direction->count == RING) {
    direction->overflowed += 1;
    free(bytes);
    return;
  }
  direction->ring[(direction->head + direction->count++) % RING] =
      (struct packet){leaves + direction->delay, size, bytes};
}

static void read_packets(struct direction *direction) {
  uint8_t buffer[LARGEST_FRAME];
  uint64_t time = now();
  for (int count = 0; count < BURST; count++) {
    ssize_t size = read(direction->from, buffer, sizeof buffer);
    if (size <= 0) return;
    uint8_t *bytes = malloc((size_t)size);
    if (!bytes) fail("memory");
    memcpy(bytes, buffer, (size_t)size);
    accept_packet(direction, bytes, (uint32_t)size, time);
  }
}

static void write_due(struct direction *direction, uint64_t time) {
  while (direction->count > 0) {
    struct packet *packet = &direction->ring[direction->head];
    if (packet->due > time) return;
    // A device that is not up yet, or is gone, drops the packet.
    if (write(direction->to, packet->bytes, packet->size) > 0) {
      direction->packets += 1;
      direction->bytes += packet->size;
    }
    free(packet->bytes);
    direction->head = (direction->head + 1) % RING;
    direction->count -= 1;
  }
}

static void print_counters(void) {
  for (int index = 0; index < direction_count; index++) {
    struct direction *d = directions[index];
    printf("%d %d %llu %llu %llu %llu\n", index / 2 + 1, index % 2, (unsigned long long)d->packets,
           (unsigned long long)d->bytes, (unsigned long long)d->lost,
           (unsigned long long)d->overflowed);
  }
  printf("end\n");
  fflush(stdout);
}

/// Executes the commands in a line; returns 0 at the end of the input.
static int take_commands(void) {
  static char line[4096];
  static size_t filled;
  ssize_t size = read(0, line + filled, sizeof line - 1 - filled);
  if (size <= 0) return 0;
  filled += (size_t)size;
  line[filled] = 0;
  char *start = line, *end;
  while ((end = strchr(start, '\n'))) {
    *end = 0;
    if (strcmp(start, "counters") == 0) print_counters();
    start = end + 1;
  }
  filled = strlen(start);
  memmove(line, start, filled);
  return 1;
}

static void add_links(int count, char **arguments) {
  uint64_t seed = strtoull(arguments[0], NULL, 10), queue = strtoull(arguments[1], NULL, 10);
  for (int link = 0; link < count; link++) {
    char **values = arguments + 2 + link * GROUP;
    int first = open_device(values[0], values[1]), second = open_device(values[2], values[3]);
    uint64_t largest = strtoull(values[10], NULL, 10);
    add_direction(first, second, values + 4, largest, queue, seed);
    add_direction(second, first, values + 7, largest, queue, seed);
  }
}

/// Sleeps until a packet arrives or is due; returns 0 at the end of the input.
static int wait_for_packets(struct pollfd *polled) {
  uint64_t time = now(), next = time + 1000000000u;
  for (int index = 0; index < direction_count; index++) {
    struct direction *direction = directions[index];
    if (direction->count && direction->ring[direction->head].due < next)
      next = direction->ring[direction->head].due;
  }
  uint64_t left = next > time ? next - time : 0;
  struct timespec timeout = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
  if (ppoll(polled, (nfds_t)direction_count + 1, &timeout, NULL) <= 0) return 1;
  return polled[direction_count].revents == 0 || take_commands();
}

int main(int count, char **arguments) {
  int links = (count - 3) / GROUP;
  if (links < 1 || links > MOST_LINKS || count != 3 + links * GROUP) {
    fprintf(stderr, "forwarder: wrong arguments; see the head of forwarder.c\n");
    return 64;
  }
  add_links(links, arguments + 1);
  struct pollfd polled[2 * MOST_LINKS + 1];
  for (int index = 0; index < direction_count; index++)
    polled[index] = (struct pollfd){.fd = directions[index]->from, .events = POLLIN};
  polled[direction_count] = (struct pollfd){.fd = 0, .events = POLLIN};
  printf("ready\n");
  fflush(stdout);
  while (wait_for_packets(polled)) {
    for (int index = 0; index < direction_count; index++)
      if (polled[index].revents) read_packets(directions[index]);
    uint64_t time = now();
    for (int index = 0; index < direction_count; index++) write_due(directions[index], time);
  }
  return 0;
}
