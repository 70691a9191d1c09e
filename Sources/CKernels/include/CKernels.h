// The kernels of Tributary: one portable source, compiled once for each width of the vector unit.
//
// Every kernel gives the same bits in every variant. Each output element is accumulated in one
// fixed order with explicit fused multiply-adds, and exp, sigmoid, tanh and log are polynomials of
// our own. Nothing here checks a bound: Swift's `Kernels` does, and is the only caller.
//
// Matrices are row-major; a stride is the distance of successive rows in elements. Buffers do not
// overlap unless a kernel says that it works in place.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Packed weights lie in panels of this many columns, the last one padded with zeros:
// panels[column / 32][row][column % 32].
enum { ck_panel_columns = 32 };

// Scratch memory for a block of a transposed product, [193, 128].
enum { ck_level_floats = 193 * 128, ck_pair_floats = 112 * 320 };

// The rows that a product rounds to bfloat16 at a time.
enum { ck_rounded_rows = 120 };

#pragma clang assume_nonnull begin

typedef struct {
  // panels = w[rows, columns]; element (r, c) is read from w[r * row_stride + c * column_stride].
  void (*pack)(const float *w, ptrdiff_t row_stride, ptrdiff_t column_stride, ptrdiff_t rows,
               ptrdiff_t columns, float *panels);

  // c[rows, columns] = start + a[rows, inner] . the first `inner` of the panels' rows. Without
  // `start` the sums begin at zero; a start_stride of 0 begins every row with the same values;
  // `start` may be c itself.
  void (*product)(const float *a, ptrdiff_t a_stride, const float *panels, ptrdiff_t panel_rows,
                  ptrdiff_t inner, const float *_Nullable start, ptrdiff_t start_stride, float *c,
                  ptrdiff_t c_stride, ptrdiff_t rows, ptrdiff_t columns);

  // The same with operands rounded to bfloat16, two products at a time: c + a.odd * b.odd, and to
  // that a.even * b.even, each rounded once to float32; subnormal sums become zero. The panels hold
  // pairs of rows; `rounded` has room for ck_rounded_rows rows of ceil(inner / 2).
  void (*pack_bf16)(const float *w, ptrdiff_t row_stride, ptrdiff_t column_stride, ptrdiff_t rows,
                    ptrdiff_t columns, float *panels);
  void (*product_bf16)(const float *a, ptrdiff_t a_stride, const float *panels,
                       ptrdiff_t panel_rows, ptrdiff_t inner, const float *_Nullable start,
                       ptrdiff_t start_stride, float *c, ptrdiff_t c_stride, ptrdiff_t rows,
                       ptrdiff_t columns, float *rounded);

  // to[rows, columns] = from
  void (*copy_rows)(const float *from, ptrdiff_t from_stride, float *to, ptrdiff_t to_stride,
                    ptrdiff_t rows, ptrdiff_t columns);

  // c[m, n] = the sum over slices of a^T . b. Slice s has the rows bounds[s] ..< bounds[s + 1] of
  // a[step][, m] and b[step][, n] for each step; successive steps of an operand lie a_step or
  // b_step elements apart. The product of a slice is accumulated over (step, row) ascending; a run
  // of n > 1 slices is the sum of its first ceil(n / 2) slices and the others.
  // column_sums[n] = b summed in the same order. `scratch` holds ck_level_floats for each level of
  // that tree, 1 + ceil(log2(slices)) of them, and ck_pair_floats.
  void (*transposed_product)(const float *a, ptrdiff_t a_stride, ptrdiff_t a_step, const float *b,
                             ptrdiff_t b_stride, ptrdiff_t b_step, ptrdiff_t steps,
                             const ptrdiff_t *bounds, ptrdiff_t slices, ptrdiff_t m, ptrdiff_t n,
                             float *c, ptrdiff_t c_stride, float *_Nullable column_sums,
                             float *scratch);

  // The same with operands rounded to bfloat16, two successive rows of a slice at a time; the
  // column sums are those of b itself.
  void (*transposed_product_bf16)(const float *a, ptrdiff_t a_stride, ptrdiff_t a_step,
                                  const float *b, ptrdiff_t b_stride, ptrdiff_t b_step,
                                  ptrdiff_t steps, const ptrdiff_t *bounds, ptrdiff_t slices,
                                  ptrdiff_t m, ptrdiff_t n, float *c, ptrdiff_t c_stride,
                                  float *_Nullable column_sums, float *scratch);

  // z[rows, 4 units] holds the sums of the gates i, j, f, o and receives their activations; c and h
  // are the new state. Without c_previous the state before is zero.
  void (*gates_forward)(float *z, ptrdiff_t z_stride, const float *_Nullable c_previous, float *c,
                        ptrdiff_t c_stride, float *h, ptrdiff_t h_stride, ptrdiff_t rows,
                        ptrdiff_t units);

  // z[rows, 4 units] holds the activations and receives the gradients of the sums. dh[rows, units]
  // is the gradient of h; dc[rows, units] that of c from the step after, replaced by that of
  // c_previous.
  void (*gates_backward)(float *z, ptrdiff_t z_stride, const float *_Nullable c_previous,
                         const float *c, ptrdiff_t c_stride, const float *dh, float *dc,
                         ptrdiff_t d_stride, ptrdiff_t rows, ptrdiff_t units);

  // Each row of x becomes its softmax.
  void (*softmax)(float *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns);

  // Each row of x becomes (softmax(x) - onehot(label)) * scale; losses are added to loss_sum row by
  // row, rows whose first greatest element is the label's to correct.
  void (*cross_entropy)(float *x, ptrdiff_t stride, const uint8_t *labels, ptrdiff_t rows,
                        ptrdiff_t columns, float scale, double *loss_sum, int64_t *correct);

  // One update of TensorFlow's Adam with x = g gain, brought into [-bound, bound]:
  // m += (x - m) rate1; v += (x x - v) rate2; w -= alpha m / (sqrt(v) + epsilon).
  void (*adam)(float *w, float *m, float *v, const float *g, ptrdiff_t count, float gain,
               float bound, float alpha, float rate1, float rate2, float epsilon);

  // y += x; `add_bytes` reads little-endian float32 at any address.
  void (*add)(float *y, const float *x, ptrdiff_t count);
  void (*add_bytes)(float *y, const uint8_t *x, ptrdiff_t count);

  // y += (x - y) * rate
  void (*move_toward)(float *y, const float *x, ptrdiff_t count, float rate);

  // The sum of the squares of float32 at any address, in double precision, over 32 interleaved
  // partial sums.
  double (*sum_of_squares)(const void *x, ptrdiff_t count);

  bool (*all_finite)(const float *x, ptrdiff_t count);

  // y = f(x), element by element.
  void (*exp)(const float *x, float *y, ptrdiff_t count);
  void (*sigmoid)(const float *x, float *y, ptrdiff_t count);
  void (*tanh)(const float *x, float *y, ptrdiff_t count);
  void (*log)(const float *x, float *y, ptrdiff_t count);

  // The pixel (c, r) of image[height, width] becomes what was at the point
  // (map[0] + map[1] c + map[2] r, map[3] + map[4] c + map[5] r), bilinear, zero outside. In place;
  // framed[height + 3, width + 3] is scratch memory. Sizes are at most 65536.
  void (*warp)(float *image, ptrdiff_t height, ptrdiff_t width, const float *map, float *framed);

  // to[rows, count] = the bytes at bytes + offsets[row], times `factor`; element i is that of byte
  // order[i] where there is an order.
  void (*scale_bytes)(const uint8_t *bytes, const ptrdiff_t *offsets, ptrdiff_t rows,
                      const ptrdiff_t *_Nullable order, ptrdiff_t count, float factor, float *to);

  // Runs independent fused multiply-adds in registers and returns how many floating-point
  // operations they were (two for each element), for measuring the peak.
  double (*burn)(ptrdiff_t iterations, float *sink);
  double (*burn_bf16)(ptrdiff_t iterations, float *sink);
} ck_table;

// The tables of the variants; null where the processor or the architecture does not have it.
const ck_table *_Nullable ck_avx512(void);
const ck_table *_Nullable ck_avx2(void);
const ck_table *ck_plain(void);

#pragma clang assume_nonnull end
