#include "heap.h"

#include <malloc.h>

int cheap_keep(int mapping_bytes, int trim_bytes) {
  return mallopt(M_MMAP_THRESHOLD, mapping_bytes) == 1 &&
         mallopt(M_TRIM_THRESHOLD, trim_bytes) == 1;
}
