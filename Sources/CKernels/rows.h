// Softmax and cross entropy of rows of logits.

// The index of the first greatest element.
INLINE ptrdiff_t first_greatest(const float *x, ptrdiff_t columns) {
  ptrdiff_t best = 0;
  for (ptrdiff_t i = 1; i < columns; i++)
    if (x[i] > x[best]) best = i;
  return best;
}

// x = e^(x - greatest); returns the sum, accumulated in ascending order.
INLINE float shifted_exp(float *x, ptrdiff_t columns, float greatest) {
  for (ptrdiff_t i = 0; i < columns; i += LANES) {
    ptrdiff_t lanes = columns - i;
    store_lanes(x + i, vector_exp(load_lanes(x + i, lanes) - greatest), lanes);
  }
  float sum = 0;
  for (ptrdiff_t i = 0; i < columns; i++) sum += x[i];
  return sum;
}

static void softmax(float *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t r = 0; r < rows; r++, x += stride) {
    float sum = shifted_exp(x, columns, x[first_greatest(x, columns)]);
    for (ptrdiff_t i = 0; i < columns; i++) x[i] /= sum;
  }
}

static void cross_entropy(float *x, ptrdiff_t stride, const uint8_t *labels, ptrdiff_t rows,
                          ptrdiff_t columns, float scale, double *loss_sum, int64_t *correct) {
  for (ptrdiff_t r = 0; r < rows; r++, x += stride) {
    ptrdiff_t best = first_greatest(x, columns), label = labels[r];
    float margin = x[best] - x[label];
    float sum = shifted_exp(x, columns, x[best]);
    for (ptrdiff_t i = 0; i < columns; i++)
      x[i] = (x[i] / sum - (i == label ? 1.0f : 0.0f)) * scale;
    *loss_sum += (double)(vector_log(splat(sum))[0] + margin);
    *correct += best == label;
  }
}
