// Products of bfloat16 values (the upper halves of floats), summed in float32. Two values, the one
// of even index in the lower half, occupy the 32 bits of a float.

typedef int32_t tile_words __attribute__((vector_size(4 * TILE_COLUMNS)));

#if defined(BF16_INSTRUCTION)

// Two registers, seen as floats, integers or bfloat16 pairs.
typedef union {
  tile_row row;
  tile_words words;
  __m512 floats[2];
  __m512i integers[2];
  __m512bh pairs[2];
} registers;

// Rounds floats to bfloat16 in their upper halves: to nearest, ties to even; subnormal values
// become zero and NaN stays NaN.
INLINE tile_words rounded_row(tile_row x) {
  registers r = {x};
  for (int i = 0; i < 2; i++) {
    __m256i rounded = (__m256i)_mm512_cvtneps_pbh(r.floats[i]);
    r.integers[i] = _mm512_slli_epi32(_mm512_cvtepu16_epi32(rounded), 16);
  }
  return r.words;
}

// The pairs of successive columns of two rows, those of `first` before those of `second`.
INLINE tile_row neighbours_of(tile_row first, tile_row second) {
  registers x = {first}, y = {second}, z;
  z.pairs[0] = _mm512_cvtne2ps_pbh(x.floats[1], x.floats[0]);
  z.pairs[1] = _mm512_cvtne2ps_pbh(y.floats[1], y.floats[0]);
  return z.row;
}

// The result of AVX512-BF16's vdpbf16ps, bit for bit: c + a.odd * b.odd, then + a.even * b.even,
// each sum rounded once.
INLINE tile_row dot_row(tile_row a, tile_row b, tile_row c) {
  registers x = {a}, y = {b}, z = {c};
  for (int i = 0; i < 2; i++) z.floats[i] = _mm512_dpbf16_ps(z.floats[i], x.pairs[i], y.pairs[i]);
  return z.row;
}

#else

INLINE tile_words rounded_row(tile_row x) {
  tile_words bits = (tile_words)x, size = bits & 0x7fffffff;
  tile_words near = bits + 0x7fff + (bits >> 16 & 1), quiet = bits | 0x400000;
  tile_words is_nan = size > 0x7f800000, is_tiny = size < 0x800000;
  tile_words rounded = (is_nan & quiet) | (~is_nan & near);
  return rounded & ~(is_tiny & 0x7fffffff) & (int32_t)0xffff0000;
}

INLINE tile_row neighbours_of(tile_row first, tile_row second) {
  union {
    tile_words words[2];
    uint16_t halves[4 * TILE_COLUMNS];
  } x = {{rounded_row(first), rounded_row(second)}};
  union {
    uint16_t halves[2 * TILE_COLUMNS];
    tile_row row;
  } y;
  for (int i = 0; i < 2 * TILE_COLUMNS; i++) y.halves[i] = x.halves[2 * i + 1];
  return y.row;
}

// a * b + c rounded once with an unbounded exponent, then flushed to zero if it is below the least
// normal number. Scaling by 2^64 detects sums that rounding in the subnormal range would raise to
// that number.
INLINE tile_row flushed_fma(tile_row a, tile_row b, tile_row c) {
  tile_row sum = fused_row(a, b, c);
  tile_words size = (tile_words)sum & 0x7fffffff;
  if (__builtin_reduce_or((size > 0) & (size <= 0x800000)) == 0) return sum;
  tile_words scaled = (tile_words)fused_row(a * 0x1p64f, b, c * 0x1p64f) & 0x7fffffff;
  tile_words is_tiny = scaled < 0x20800000;  // 2^-62
  return (tile_row)((tile_words)sum & (~is_tiny | (int32_t)0x80000000));
}

#if defined(SOFTWARE_FMA)
static __attribute__((noinline))
#else
INLINE
#endif
tile_row dot_row(tile_row a, tile_row b, tile_row c) {
  const int32_t upper = (int32_t)0xffff0000;
  tile_words x = (tile_words)a, y = (tile_words)b;
  tile_row odd = flushed_fma((tile_row)(x & upper), (tile_row)(y & upper), c);
  return flushed_fma((tile_row)(x << 16), (tile_row)(y << 16), odd);
}

#endif

// The pairs formed by the columns of two rows.
INLINE tile_row pair_of(tile_row even, tile_row odd) {
  tile_words low = rounded_row(even) >> 16 & 0xffff;
  return (tile_row)(low | rounded_row(odd));
}

// Broadcasts a pair to every column, without floating-point arithmetic, which could change a NaN.
INLINE tile_row splat_pair(const float *pair) {
  int32_t word;
  __builtin_memcpy(&word, pair, sizeof word);
  return (tile_row)(word - (tile_words){0});
}

// Flushes a subnormal initial value to zero, as is done for every subnormal sum.
INLINE tile_row flushed(tile_row x) {
  tile_words bits = (tile_words)x;
  tile_words is_tiny = (bits & 0x7fffffff) < 0x800000;
  return (tile_row)(bits & (~is_tiny | (int32_t)0x80000000));
}

// Loads the first `count` columns; the others are zero.
INLINE tile_row load_columns(const float *p, ptrdiff_t count) {
  if (count >= TILE_COLUMNS) return load_row(p);
  float columns[TILE_COLUMNS] = {0};
  for (ptrdiff_t i = 0; i < count; i++) columns[i] = p[i];
  return load_row(columns);
}

INLINE void store_columns(float *p, tile_row x, ptrdiff_t count) {
  if (count >= TILE_COLUMNS) return store_row(p, x);
  float columns[TILE_COLUMNS];
  store_row(columns, x);
  __builtin_memcpy(p, columns, count * sizeof *p);
}

// to[columns] = the pairs of two rows; `odd` may be null. The last columns, too, are processed as a
// full vector, overlapping the previous one, if there are at least TILE_COLUMNS columns.
static void pair_rows(const float *even, const float *odd, float *to, ptrdiff_t columns) {
  for (ptrdiff_t j = 0; j < columns; j += TILE_COLUMNS) {
    ptrdiff_t last = columns - TILE_COLUMNS, i = j > last && last > 0 ? last : j;
    ptrdiff_t count = columns - i;
    tile_row other = odd ? load_columns(odd + i, count) : (tile_row){0};
    store_columns(to + i, pair_of(load_columns(even + i, count), other), count);
  }
}

// to[rows, ceil(columns / 2)] = the pairs of successive columns of each row
static void round_rows(const float *from, ptrdiff_t from_stride, float *to, ptrdiff_t rows,
                       ptrdiff_t columns) {
  ptrdiff_t pairs = quotient_up(columns, 2);
  for (ptrdiff_t r = 0; r < rows; r++, from += from_stride, to += pairs)
    for (ptrdiff_t i = 0; i < columns; i += 2 * TILE_COLUMNS) {
      tile_row first = load_columns(from + i, columns - i), second = {0};
      if (columns - i > TILE_COLUMNS)
        second = load_columns(from + i + TILE_COLUMNS, columns - i - TILE_COLUMNS);
      store_columns(to + i / 2, neighbours_of(first, second), pairs - i / 2);
    }
}

// panels[column / 32][row / 2][column % 32] = the pairs of rows of w, zero beyond its edges.
static void pack_bf16(const float *w, ptrdiff_t row_stride, ptrdiff_t column_stride, ptrdiff_t rows,
                      ptrdiff_t columns, float *panels) {
  for (ptrdiff_t j = 0; j < columns; j += ck_panel_columns)
    for (ptrdiff_t r = 0; r < rows; r += 2, panels += ck_panel_columns) {
      float two[2][ck_panel_columns] = {0};
      ptrdiff_t width = smaller(columns - j, ck_panel_columns);
      for (ptrdiff_t k = 0; k < smaller(rows - r, 2); k++)
        for (ptrdiff_t i = 0; i < width; i++)
          two[k][i] = w[(r + k) * row_stride + (j + i) * column_stride];
      pair_rows(two[0], two[1], panels, ck_panel_columns);
    }
}

// Prefetches a row that will soon be rounded.
INLINE void prefetch_columns(const float *p, ptrdiff_t columns) {
  for (ptrdiff_t i = 0; i < columns; i += LINE) __builtin_prefetch(p + i);
}

// Returns the block with its rows replaced by pairs of rows.
static block prepare_bf16(const block *from, operands *storage, float *pairs) {
  const row_list *a = &from->now->a, *b = &from->now->b;
  block ready = {0, from->height, 0, from->width, storage, NULL, 0};
  storage->a.count = storage->b.count = quotient_up(a->count, 2);
  for (ptrdiff_t k = 0; k < a->count; k += 2, pairs += BLOCK_HEIGHT + BLOCK_WIDTH) {
    bool is_pair = k + 1 < a->count;
    for (ptrdiff_t soon = k + 16; soon < smaller(k + 18, a->count); soon++) {
      prefetch_columns(a->rows[soon] + from->a_first, from->height);
      prefetch_columns(b->rows[soon] + from->b_first, from->width);
    }
    const float *odd_a = is_pair ? a->rows[k + 1] + from->a_first : NULL;
    const float *odd_b = is_pair ? b->rows[k + 1] + from->b_first : NULL;
    pair_rows(a->rows[k] + from->a_first, odd_a, pairs, from->height);
    pair_rows(b->rows[k] + from->b_first, odd_b, pairs + BLOCK_HEIGHT, from->width);
    storage->a.rows[k / 2] = pairs;
    storage->b.rows[k / 2] = pairs + BLOCK_HEIGHT;
  }
  return ready;
}

_Static_assert(BLOCK_ROWS / 2 * (BLOCK_HEIGHT + BLOCK_WIDTH) == ck_pair_floats,
               "ck_pair_floats does not match the block size");

#define KIND(name) name##_bf16
#define BEGIN(x) flushed(x)
#define MULTIPLY_ADD(a, b, c) dot_row(splat_pair(a), b, c)
#include "product.h"
#include "transposed.h"
#undef KIND
#undef BEGIN
#undef MULTIPLY_ADD

// c = start + a . panels, computed in groups of rows that fit into the scratch memory.
static void rounded_product(const float *a, ptrdiff_t a_stride, const float *panels,
                            ptrdiff_t panel_rows, ptrdiff_t inner, const float *start,
                            ptrdiff_t start_stride, float *c, ptrdiff_t c_stride, ptrdiff_t rows,
                            ptrdiff_t columns, float *scratch) {
  ptrdiff_t pairs = quotient_up(inner, 2), parts = quotient_up(rows, ck_rounded_rows);
  for (ptrdiff_t i = 0; i < parts; i++) {
    ptrdiff_t first = part(i, rows, parts), count = part(i + 1, rows, parts) - first;
    round_rows(a + first * a_stride, a_stride, scratch, count, inner);
    product_bf16(scratch, pairs, panels, quotient_up(panel_rows, 2), pairs,
                 start ? start + first * start_stride : NULL, start_stride, c + first * c_stride,
                 c_stride, count, columns);
  }
}

// Runs as many independent chains as a tile has rows, each in one row of registers.
static double burn_bf16(ptrdiff_t iterations, float *sink) {
  tile_row sum[TILE_ROWS], x = splat_pair(sink), y = splat_pair(sink + 1), total = {0};
  for (int r = 0; r < TILE_ROWS; r++) sum[r] = (float)r - (tile_row){0};
  for (ptrdiff_t k = 0; k < iterations; k++)
#pragma clang loop unroll(full)
    for (int r = 0; r < TILE_ROWS; r++) sum[r] = dot_row(x, y, sum[r]);
  for (int r = 0; r < TILE_ROWS; r++) total += sum[r];
  sink[0] = total[0] + total[TILE_COLUMNS - 1];
  return 4.0 * TILE_COLUMNS * TILE_ROWS * (double)iterations;
}
