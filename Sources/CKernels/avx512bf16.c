// AVX-512 with the dot-product instruction for pairs of bfloat16 values, which has twice the
// throughput of float32.

#include "CKernels.h"

#if defined(__x86_64__)

#include "avx512.h"

#include <immintrin.h>

#define BF16_INSTRUCTION

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma"))), \
    apply_to = function)
#include "table.h"
#pragma clang attribute pop

const ck_table *ck_avx512bf16(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512bf16") ? &table : NULL;
}

#endif
