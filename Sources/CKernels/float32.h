// Products of float32 operands.

INLINE block prepare_f32(const block *from, operands *storage, float *pairs) {
  (void)storage, (void)pairs;
  return *from;
}

#define KIND(name) name##_f32
#define BEGIN(x) (x)
#define MULTIPLY_ADD(a, b, c) fused_row(splat_row(*(a)), b, c)
#include "product.h"
#include "transposed.h"
#undef KIND
#undef BEGIN
#undef MULTIPLY_ADD
