// The elementwise part of an LSTM time step, with the gates i, j, f, o side by side in rows of
// 4 * units: c = c_previous * sigmoid(f + 1) + sigmoid(i) * tanh(j), h = sigmoid(o) * tanh(c).
// This is TensorFlow 1's BasicLSTMCell, which adds the forget bias of 1 at run time.

// Computes `lanes` units of one row, starting at unit `u`.
INLINE void gates_forward_lanes(float *z, ptrdiff_t units, ptrdiff_t u, const float *c_previous,
                                float *c, float *h, ptrdiff_t lanes) {
  z += u;
  vfloat i = vector_sigmoid(load_lanes(z, lanes));
  vfloat j = vector_tanh(load_lanes(z + units, lanes));
  vfloat f = vector_sigmoid(load_lanes(z + 2 * units, lanes) + 1.0f);
  vfloat o = vector_sigmoid(load_lanes(z + 3 * units, lanes));
  vfloat before = c_previous ? load_lanes(c_previous + u, lanes) : (vfloat){0};
  vfloat after = fused(before, f, i * j);
  store_lanes(z, i, lanes);
  store_lanes(z + units, j, lanes);
  store_lanes(z + 2 * units, f, lanes);
  store_lanes(z + 3 * units, o, lanes);
  store_lanes(c + u, after, lanes);
  store_lanes(h + u, o * vector_tanh(after), lanes);
}

static void gates_forward(float *z, ptrdiff_t z_stride, const float *c_previous, float *c,
                          ptrdiff_t c_stride, float *h, ptrdiff_t h_stride, ptrdiff_t rows,
                          ptrdiff_t units) {
  for (ptrdiff_t r = 0; r < rows; r++, z += z_stride, c += c_stride, h += h_stride) {
    const float *before = c_previous ? c_previous + r * c_stride : NULL;
    ptrdiff_t u = 0;
    for (; u + LANES <= units; u += LANES)
      gates_forward_lanes(z, units, u, before, c, h, LANES);
    if (u < units) gates_forward_lanes(z, units, u, before, c, h, units - u);
  }
}

// Backpropagates x through a sigmoid whose value is `gate`: x * gate * (1 - gate).
INLINE vfloat through_sigmoid(vfloat x, vfloat gate) { return x * gate * (1.0f - gate); }

// Backpropagates x through a tanh whose value is `value`: x * (1 - value^2).
INLINE vfloat through_tanh(vfloat x, vfloat value) {
  return x * fused(-value, value, splat(1.0f));
}

INLINE void gates_backward_lanes(float *z, ptrdiff_t units, ptrdiff_t u, const float *c_previous,
                                 const float *c, const float *dh, float *dc, ptrdiff_t lanes) {
  z += u;
  vfloat i = load_lanes(z, lanes), j = load_lanes(z + units, lanes);
  vfloat f = load_lanes(z + 2 * units, lanes), o = load_lanes(z + 3 * units, lanes);
  vfloat before = c_previous ? load_lanes(c_previous + u, lanes) : (vfloat){0};
  vfloat squashed = vector_tanh(load_lanes(c + u, lanes)), d_output = load_lanes(dh + u, lanes);
  vfloat d_state = through_tanh(d_output * o, squashed) + load_lanes(dc + u, lanes);
  store_lanes(z, through_sigmoid(d_state * j, i), lanes);
  store_lanes(z + units, through_tanh(d_state * i, j), lanes);
  store_lanes(z + 2 * units, through_sigmoid(d_state * before, f), lanes);
  store_lanes(z + 3 * units, through_sigmoid(d_output * squashed, o), lanes);
  store_lanes(dc + u, d_state * f, lanes);
}

// Recomputes tanh(c), which costs no more than storing and loading it.
static void gates_backward(float *z, ptrdiff_t z_stride, const float *c_previous, const float *c,
                           ptrdiff_t c_stride, const float *dh, float *dc, ptrdiff_t d_stride,
                           ptrdiff_t rows, ptrdiff_t units) {
  for (ptrdiff_t r = 0; r < rows; r++, z += z_stride, c += c_stride) {
    const float *before = c_previous ? c_previous + r * c_stride : NULL;
    const float *d_output = dh + r * d_stride;
    float *d_state = dc + r * d_stride;
    ptrdiff_t u = 0;
    for (; u + LANES <= units; u += LANES)
      gates_backward_lanes(z, units, u, before, c, d_output, d_state, LANES);
    if (u < units) gates_backward_lanes(z, units, u, before, c, d_output, d_state, units - u);
  }
}
