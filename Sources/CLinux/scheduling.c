#define _GNU_SOURCE

#include "scheduling.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// The first version of the kernel's struct sched_attr, which older C libraries do not declare.
struct attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;  // nanoseconds
};

static long get(struct attributes *attributes) {
  return syscall(SYS_sched_getattr, 0, attributes, sizeof *attributes, 0);
}

int cscheduling_set_time_slice(unsigned microseconds) {
  struct attributes attributes;
  if (get(&attributes) != 0) return -errno;
  attributes.size = sizeof attributes;
  attributes.runtime = microseconds * 1000ull;
  return syscall(SYS_sched_setattr, 0, &attributes, 0) == 0 ? 0 : -errno;
}

int cscheduling_time_slice(void) {
  struct attributes attributes;
  if (get(&attributes) != 0) return -errno;
  return (int)(attributes.runtime / 1000);
}
