// Vectors of LANES floats, built on the compiler's vector extension, and operations on them. LANES
// is four times the width of a register, so that independent instructions can overlap.

// Every function on vectors is inlined, so no vector crosses a call and the ABI does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

#pragma clang fp contract(off)

#define INLINE static inline __attribute__((always_inline, unused))

typedef float vfloat __attribute__((vector_size(4 * LANES)));
typedef int32_t vint __attribute__((vector_size(4 * LANES)));
typedef float vfloat_unaligned __attribute__((vector_size(4 * LANES), aligned(4)));

INLINE vfloat load(const float *p) { return *(const vfloat_unaligned *)p; }

INLINE void store(float *p, vfloat x) { *(vfloat_unaligned *)p = x; }

// Loads the first `count` lanes; the others are zero.
INLINE vfloat load_lanes(const float *p, ptrdiff_t count) {
  if (count >= LANES) return load(p);
  float lanes[LANES] = {0};
  __builtin_memcpy(lanes, p, count * sizeof *p);
  return load(lanes);
}

INLINE void store_lanes(float *p, vfloat x, ptrdiff_t count) {
  if (count >= LANES) return store(p, x);
  float lanes[LANES];
  store(lanes, x);
  __builtin_memcpy(p, lanes, count * sizeof *p);
}

INLINE vfloat splat(float x) { return x - (vfloat){0}; }

#if defined(SOFTWARE_FMA)

typedef double vdouble __attribute__((vector_size(8 * LANES)));
typedef uint64_t vwords __attribute__((vector_size(8 * LANES)));
typedef int32_t vhalves __attribute__((vector_size(8 * LANES)));

// A vector with the same two 32-bit halves in every lane.
INLINE vhalves halves(uint32_t high, uint32_t low) {
  return (vhalves)(((uint64_t)high << 32 | low) + (vwords){0});
}

// a * b + c rounded once, without an FMA instruction. The product is exact in double precision, and
// rounding the sum to float is correct unless the double is midway between two floats (its 29 low
// bits are 100...0) or the float is subnormal. These rare cases use the library's fma.
INLINE vfloat fused(vfloat a, vfloat b, vfloat c) {
  vdouble sum = __builtin_convertvector(a, vdouble) * __builtin_convertvector(b, vdouble) +
                __builtin_convertvector(c, vdouble);
  vhalves size = (vhalves)sum & halves(0x7fffffff, 0);
  vhalves midway = ((vhalves)sum & halves(0, 0x1fffffff)) == halves(1, 0x10000000);
  vhalves subnormal = (size > 0) & (size < 0x38100000);
  if (__builtin_reduce_or(midway | subnormal)) return __builtin_elementwise_fma(a, b, c);
  return __builtin_convertvector(sum, vfloat);
}

#else

INLINE vfloat fused(vfloat a, vfloat b, vfloat c) { return __builtin_elementwise_fma(a, b, c); }

#endif

// Selects `a` where the mask is all ones and `b` where it is zero.
INLINE vfloat choose(vint mask, vfloat a, vfloat b) {
  return (vfloat)((mask & (vint)a) | (~mask & (vint)b));
}

INLINE vfloat magnitude(vfloat x) { return (vfloat)((vint)x & 0x7fffffff); }

INLINE vfloat with_sign_of(vfloat x, vfloat sign) {
  return (vfloat)((vint)x | ((vint)sign & (int32_t)0x80000000));
}
