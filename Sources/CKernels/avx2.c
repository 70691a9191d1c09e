#include "CKernels.h"

#if defined(__x86_64__)

#define LANES 32
#define TILE_ROWS 6
#define TILE_COLUMNS 16
#define MORE_HEIGHTS(HEIGHT)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "table.h"
#pragma clang attribute pop

const ck_table *ck_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &table : NULL;
}

#else

const ck_table *ck_avx2(void) { return NULL; }

#endif
