// Kernels on flat vectors: Adam, sums, and checks for finite values.

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the host must be little-endian: floats in messages are added without conversion"
#endif

typedef float unaligned_float __attribute__((aligned(1), may_alias));

// Adam (Kingma & Ba, 2015) in TensorFlow's form, where epsilon is the paper's "epsilon hat".
static void adam(float *restrict w, float *restrict m, float *restrict v, const float *restrict g,
                 ptrdiff_t count, float gain, float bound, float alpha, float rate1, float rate2,
                 float epsilon) {
  for (ptrdiff_t i = 0; i < count; i++) {
    float x = g[i] * gain;
    x = x < -bound ? -bound : x;
    x = x > bound ? bound : x;
    m[i] = __builtin_fmaf(x - m[i], rate1, m[i]);
    v[i] = __builtin_fmaf(x * x - v[i], rate2, v[i]);
    w[i] -= alpha * m[i] / (__builtin_sqrtf(v[i]) + epsilon);
  }
}

// The weights after further updates of Adam with the same moments.
static void extrapolate(const float *restrict w, const float *restrict m, const float *restrict v,
                        ptrdiff_t count, float alpha, float epsilon, float *restrict y) {
  for (ptrdiff_t i = 0; i < count; i++)
    y[i] = w[i] - alpha * m[i] / (__builtin_sqrtf(v[i]) + epsilon);
}

static void add_bytes(float *restrict y, const uint8_t *restrict bytes, ptrdiff_t count) {
  const unaligned_float *x = (const unaligned_float *)bytes;
  for (ptrdiff_t i = 0; i < count; i++) y[i] += x[i];
}

static void move_toward(float *restrict y, const float *restrict x, ptrdiff_t count, float rate) {
  for (ptrdiff_t i = 0; i < count; i++) y[i] = __builtin_fmaf(x[i] - y[i], rate, y[i]);
}

static double sum_of_squares(const void *start, ptrdiff_t count) {
  enum { SUMS = 32 };  // enough to keep several adders of the widest vector unit busy
  const unaligned_float *x = start;
  double sums[SUMS] = {0};
  ptrdiff_t i = 0;
  for (; i + SUMS <= count; i += SUMS)
    for (int lane = 0; lane < SUMS; lane++) sums[lane] += (double)x[i + lane] * x[i + lane];
  for (int lane = 0; i < count; i++, lane++) sums[lane] += (double)x[i] * x[i];
  for (int width = SUMS / 2; width > 0; width /= 2)
    for (int lane = 0; lane < width; lane++) sums[lane] += sums[lane + width];
  return sums[0];
}

// A float is infinite or NaN if all bits of its exponent are set.
static bool all_finite(const float *x, ptrdiff_t count) {
  const uint32_t exponent = 0x7f800000;
  uint32_t found = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    uint32_t bits;
    __builtin_memcpy(&bits, x + i, sizeof bits);
    found |= (bits & exponent) == exponent;
  }
  return !found;
}

// Runs as many independent chains as a tile has rows, each in one row of registers.
static double burn(ptrdiff_t iterations, float *sink) {
  tile_row sum[TILE_ROWS], x = sink[0] - (tile_row){0}, y = sink[1] - (tile_row){0}, total = {0};
  for (int r = 0; r < TILE_ROWS; r++) sum[r] = (float)r - (tile_row){0};
  for (ptrdiff_t k = 0; k < iterations; k++)
#pragma clang loop unroll(full)
    for (int r = 0; r < TILE_ROWS; r++) sum[r] = fused_row(sum[r], x, y);
  for (int r = 0; r < TILE_ROWS; r++) total += sum[r];
  sink[0] = total[0] + total[TILE_COLUMNS - 1];
  return 2.0 * TILE_COLUMNS * TILE_ROWS * (double)iterations;
}
