// Tributary's compute kernels: one portable source, compiled once for each vector width.
//
// Every kernel returns the same bits in every variant. Each output element is accumulated in one
// fixed order with explicit fused multiply-adds; exp, sigmoid, tanh and log are polynomial
// approximations implemented here. Nothing here checks bounds: the only caller, `Kernels` in Swift,
// does.
//
// Matrices are row-major; a stride is the distance between successive rows, in elements. Buffers
// must not overlap unless a kernel is documented to work in place.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Packed weights are stored in panels of this many columns, the last one padded with zeros:
// panels[column / 32][row][column % 32].
enum { ck_panel_columns = 32 };

// Scratch memory of a transposed product, in floats: one level of the slice tree, [193, 128], and
// the bfloat16 pairs of one block of rows, [112, 320].
enum { ck_level_floats = 193 * 128, ck_pair_floats = 112 * 320 };

// Number of rows that a product rounds to bfloat16 at a time.
enum { ck_rounded_rows = 120 };

#pragma clang assume_nonnull begin

typedef struct {
  // panels = w[rows, columns]; element (r, c) is read from w[r * row_stride + c * column_stride].
  void (*pack)(const float *w, ptrdiff_t row_stride, ptrdiff_t column_stride, ptrdiff_t rows,
               ptrdiff_t columns, float *panels);

  // c[rows, columns] = start + a[rows, inner] . (first `inner` rows of the panels). Without `start`
  // the sums begin at zero; with a start_stride of 0 every row starts from the same values; `start`
  // may be c itself.
  void (*product)(const float *a, ptrdiff_t a_stride, const float *panels, ptrdiff_t panel_rows,
                  ptrdiff_t inner, const float *_Nullable start, ptrdiff_t start_stride, float *c,
                  ptrdiff_t c_stride, ptrdiff_t rows, ptrdiff_t columns);

  // Variants of `pack` and `product` with operands rounded to bfloat16. Inner indices are processed
  // in pairs: c + a.odd * b.odd first, then + a.even * b.even, each sum rounded once to float32;
  // subnormal sums become zero. The panels hold pairs of rows; `rounded` is scratch memory for
  // ck_rounded_rows rows of ceil(inner / 2) floats.
  void (*pack_bf16)(const float *w, ptrdiff_t row_stride, ptrdiff_t column_stride, ptrdiff_t rows,
                    ptrdiff_t columns, float *panels);
  void (*product_bf16)(const float *a, ptrdiff_t a_stride, const float *panels,
                       ptrdiff_t panel_rows, ptrdiff_t inner, const float *_Nullable start,
                       ptrdiff_t start_stride, float *c, ptrdiff_t c_stride, ptrdiff_t rows,
                       ptrdiff_t columns, float *rounded);

  // to[rows, columns] = from
  void (*copy_rows)(const float *from, ptrdiff_t from_stride, float *to, ptrdiff_t to_stride,
                    ptrdiff_t rows, ptrdiff_t columns);

  // c[m, n] = the sum over slices of a^T . b. Slice s consists of the rows
  // bounds[s] ..< bounds[s + 1] of a[step][, m] and b[step][, n] for each step; successive steps of
  // an operand are a_step or b_step elements apart. The product of a slice is accumulated over
  // (step, row) in ascending order. Slices are summed as a binary tree: the sum of n > 1 slices is
  // the sum of the first ceil(n / 2) plus the sum of the rest.
  // column_sums[n] = the columns of b, summed in the same order. `scratch` holds ck_level_floats
  // for each of the tree's 1 + ceil(log2(slices)) levels, plus ck_pair_floats.
  void (*transposed_product)(const float *a, ptrdiff_t a_stride, ptrdiff_t a_step, const float *b,
                             ptrdiff_t b_stride, ptrdiff_t b_step, ptrdiff_t steps,
                             const ptrdiff_t *bounds, ptrdiff_t slices, ptrdiff_t m, ptrdiff_t n,
                             float *c, ptrdiff_t c_stride, float *_Nullable column_sums,
                             float *scratch);

  // Variant of `transposed_product` with operands rounded to bfloat16; rows of a slice are
  // processed in pairs. The column sums are those of the unrounded b.
  void (*transposed_product_bf16)(const float *a, ptrdiff_t a_stride, ptrdiff_t a_step,
                                  const float *b, ptrdiff_t b_stride, ptrdiff_t b_step,
                                  ptrdiff_t steps, const ptrdiff_t *bounds, ptrdiff_t slices,
                                  ptrdiff_t m, ptrdiff_t n, float *c, ptrdiff_t c_stride,
                                  float *_Nullable column_sums, float *scratch);

  // On entry, z[rows, 4 units] holds the pre-activations of the gates i, j, f, o; on return, their
  // activations. c and h receive the new state. A null c_previous is the zero state.
  void (*gates_forward)(float *z, ptrdiff_t z_stride, const float *_Nullable c_previous, float *c,
                        ptrdiff_t c_stride, float *h, ptrdiff_t h_stride, ptrdiff_t rows,
                        ptrdiff_t units);

  // On entry, z[rows, 4 units] holds the activations; on return, the gradients of the
  // pre-activations. dh[rows, units] is the gradient of h. On entry, dc[rows, units] is the
  // gradient of c from the following step; on return, the gradient of c_previous.
  void (*gates_backward)(float *z, ptrdiff_t z_stride, const float *_Nullable c_previous,
                         const float *c, ptrdiff_t c_stride, const float *dh, float *dc,
                         ptrdiff_t d_stride, ptrdiff_t rows, ptrdiff_t units);

  // Replaces each row of x by its softmax.
  void (*softmax)(float *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns);

  // Replaces each row of x by (softmax(x) - onehot(label)) * scale. Adds the losses to loss_sum,
  // row by row, and the number of rows whose first greatest element is the label's to correct.
  void (*cross_entropy)(float *x, ptrdiff_t stride, const uint8_t *labels, ptrdiff_t rows,
                        ptrdiff_t columns, float scale, double *loss_sum, int64_t *correct);

  // One update of TensorFlow's Adam with x = g gain, clamped to [-bound, bound]:
  // m += (x - m) rate1; v += (x x - v) rate2; w -= alpha m / (sqrt(v) + epsilon).
  void (*adam)(float *w, float *m, float *v, const float *g, ptrdiff_t count, float gain,
               float bound, float alpha, float rate1, float rate2, float epsilon);

  // y = w - alpha m / (sqrt(v) + epsilon)
  void (*extrapolate)(const float *w, const float *m, const float *v, ptrdiff_t count, float alpha,
                      float epsilon, float *y);

  // y += x; `add_bytes` reads little-endian float32 values at any alignment.
  void (*add)(float *y, const float *x, ptrdiff_t count);
  void (*add_bytes)(float *y, const uint8_t *x, ptrdiff_t count);

  // y += (x - y) * rate
  void (*move_toward)(float *y, const float *x, ptrdiff_t count, float rate);

  // The sum of the squares of float32 values at any alignment, computed in double precision with 32
  // interleaved partial sums.
  double (*sum_of_squares)(const void *x, ptrdiff_t count);

  bool (*all_finite)(const float *x, ptrdiff_t count);

  // y = f(x), elementwise.
  void (*exp)(const float *x, float *y, ptrdiff_t count);
  void (*sigmoid)(const float *x, float *y, ptrdiff_t count);
  void (*tanh)(const float *x, float *y, ptrdiff_t count);
  void (*log)(const float *x, float *y, ptrdiff_t count);

  // Replaces pixel (c, r) of image[height, width] by the value at the point
  // (map[0] + map[1] c + map[2] r, map[3] + map[4] c + map[5] r), interpolated bilinearly and zero
  // outside the image. Works in place; framed[height + 3, width + 3] is scratch memory. Height and
  // width are at most 65536.
  void (*warp)(float *image, ptrdiff_t height, ptrdiff_t width, const float *map, float *framed);

  // to[rows, count] = the bytes at bytes + offsets[row], times `factor`. With an order, element i
  // is taken from byte order[i].
  void (*scale_bytes)(const uint8_t *bytes, const ptrdiff_t *offsets, ptrdiff_t rows,
                      const ptrdiff_t *_Nullable order, ptrdiff_t count, float factor, float *to);

  // Runs independent fused multiply-adds in registers and returns the number of floating-point
  // operations (two per element), for measuring peak throughput.
  double (*burn)(ptrdiff_t iterations, float *sink);
  double (*burn_bf16)(ptrdiff_t iterations, float *sink);
} ck_table;

// The function tables of the variants; null where the processor or architecture lacks support.
const ck_table *_Nullable ck_avx512(void);
const ck_table *_Nullable ck_avx2(void);
const ck_table *ck_plain(void);

#pragma clang assume_nonnull end
