// exp, sigmoid, tanh and log, within 4 ulp over the whole float range. Branch-free; NaN propagates.

// x = n ln 2 + r with |r| <= ln 2 / 2. Adding 1.5 * 2^23 rounds to the nearest integer, which is
// then in the low bits of the sum.
typedef struct {
  vfloat r, n;
  vint bits;
} reduced;

INLINE reduced reduce(vfloat x) {
  const float magic = 0x1.8p23f;
  vfloat t = fused(x, splat(0x1.715476p0f), splat(magic));
  vfloat n = t - magic;
  return (reduced){fused(n, splat(-0x1.62e43p-1f), x), n, (vint)t - 0x4b400000};
}

// Like `reduce`, with twice the precision of ln 2, for large n.
INLINE reduced reduce_precisely(vfloat x) {
  reduced a = reduce(x);
  a.r = fused(a.n, splat(0x1.05c61p-29f), a.r);
  return a;
}

// e^r - 1 = r + r^2 q(r) with a relative error below 2^-28; q is a minimax polynomial computed for
// this file.
INLINE vfloat exp_minus_one(vfloat r) {
  vfloat q = splat(0x1.6a23cep-10f);
  q = fused(q, r, splat(0x1.123a2p-7f));
  q = fused(q, r, splat(0x1.5558f2p-5f));
  q = fused(q, r, splat(0x1.555492p-3f));
  q = fused(q, r, splat(0x1.fffffcp-2f));
  return fused(r * r, q, r);
}

INLINE vfloat power_of_two(vint n) { return (vfloat)((n + 127) << 23); }

// e^x for x <= 0. Scaling by two factors rounds only once where the result is subnormal.
INLINE vfloat exp_negative(vfloat x) {
  reduced a = reduce_precisely(choose(x < -104.0f, splat(-104.0f), x));
  vfloat p = exp_minus_one(a.r) + 1.0f;
  return p * power_of_two(a.bits + 24) * 0x1p-24f;
}

INLINE vfloat vector_exp(vfloat x) {
  x = choose(x < -104.0f, splat(-104.0f), x);
  x = choose(x > 89.0f, splat(89.0f), x);
  reduced a = reduce_precisely(x);
  vfloat p = exp_minus_one(a.r) + 1.0f;
  vint half = a.bits >> 1;
  return p * power_of_two(half) * power_of_two(a.bits - half);
}

// 1 / (1 + e^-x), expressed with e^-|x| to preserve relative accuracy for very negative x.
INLINE vfloat vector_sigmoid(vfloat x) {
  vfloat e = exp_negative((vfloat)((vint)x | (int32_t)0x80000000));
  return choose(x < 0.0f, e, splat(1.0f)) / (e + 1.0f);
}

// (1 - e^-2|x|) / (1 + e^-2|x|), computed from e^y - 1, which is relatively accurate near zero.
INLINE vfloat vector_tanh(vfloat x) {
  vfloat y = magnitude(x);
  y = choose(y > 10.0f, splat(10.0f), y) * -2.0f;
  reduced a = reduce(y);
  vfloat power = power_of_two(a.bits);
  vfloat m = fused(power, exp_minus_one(a.r), power - 1.0f);
  return with_sign_of(magnitude(m / (m + 2.0f)), x);
}

// x = 2^n (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); log(1 + f) as in Cephes' logf (S. Moshier).
INLINE vfloat vector_log(vfloat x) {
  vint small = x < 0x1p-126f;
  vfloat scaled = choose(small, x * 0x1p23f, x);
  vint n = ((vint)scaled - 0x3f3504f3) >> 23;
  vfloat f = (vfloat)((vint)scaled - (n << 23)) - 1.0f;
  vfloat exponent = __builtin_convertvector(n - (small & 23), vfloat);
  vfloat q = splat(7.0376836292e-2f);
  q = fused(q, f, splat(-1.1514610310e-1f));
  q = fused(q, f, splat(1.1676998740e-1f));
  q = fused(q, f, splat(-1.2420140846e-1f));
  q = fused(q, f, splat(1.4249322787e-1f));
  q = fused(q, f, splat(-1.6668057665e-1f));
  q = fused(q, f, splat(2.0000714765e-1f));
  q = fused(q, f, splat(-2.4999993993e-1f));
  q = fused(q, f, splat(3.3333331174e-1f));
  vfloat square = f * f;
  vfloat y = fused(f * square, q, exponent * -2.12194440e-4f);
  y = fused(square, splat(-0.5f), y) + f;
  y = fused(exponent, splat(0.693359375f), y);
  y = choose(x == __builtin_inff(), x, y);
  y = choose(x == 0.0f, splat(-__builtin_inff()), y);
  return choose(~(x >= 0.0f), splat(__builtin_nanf("")), y);
}

#define MAP(name)                                                              \
  static void map_##name(const float *x, float *y, ptrdiff_t count) {          \
    ptrdiff_t i = 0;                                                           \
    for (; i + LANES <= count; i += LANES) store(y + i, vector_##name(load(x + i))); \
    if (i < count) store_lanes(y + i, vector_##name(load_lanes(x + i, count - i)), count - i); \
  }

MAP(exp)
MAP(sigmoid)
MAP(tanh)
MAP(log)
