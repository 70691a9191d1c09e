// Conversion of bytes to floats.

INLINE void scale_row(const uint8_t *restrict from, ptrdiff_t count, float factor,
                      float *restrict to) {
  for (ptrdiff_t i = 0; i < count; i++) to[i] = (float)from[i] * factor;
}

INLINE void scale_in_order(const uint8_t *restrict from, const ptrdiff_t *restrict order,
                           ptrdiff_t count, float factor, float *restrict to) {
  for (ptrdiff_t i = 0; i < count; i++) to[i] = (float)from[order[i]] * factor;
}

INLINE void prefetch_bytes(const uint8_t *bytes, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += 64) __builtin_prefetch(bytes + i);
}

// Rows drawn at random from a large data set are in no cache, so each is prefetched while earlier
// rows are converted.
static void scale_bytes(const uint8_t *bytes, const ptrdiff_t *offsets, ptrdiff_t rows,
                        const ptrdiff_t *order, ptrdiff_t count, float factor, float *to) {
  const ptrdiff_t ahead = 4;
  for (ptrdiff_t r = 0; r < rows; r++, to += count) {
    if (r + ahead < rows) prefetch_bytes(bytes + offsets[r + ahead], count);
    if (order)
      scale_in_order(bytes + offsets[r], order, count, factor, to);
    else
      scale_row(bytes + offsets[r], count, factor, to);
  }
}
