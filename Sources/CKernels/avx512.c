#include "CKernels.h"

#if defined(__x86_64__)

#include "avx512.h"

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#include "table.h"
#pragma clang attribute pop

const ck_table *ck_avx512(void) {
  __builtin_cpu_init();
  bool supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const ck_table *with_bf16 = supported ? ck_avx512bf16() : NULL;
  return with_bf16 ? with_bf16 : supported ? &table : NULL;
}

#else

const ck_table *ck_avx512(void) { return NULL; }

#endif
