// Affine transformation of images.

// Copies an image into a frame of zeros: one row and column before it, two after it.
INLINE void frame_image(const float *image, ptrdiff_t height, ptrdiff_t width, float *framed) {
  ptrdiff_t stride = width + 3;
  __builtin_memset(framed, 0, (height + 3) * stride * sizeof *framed);
  for (ptrdiff_t r = 0; r < height; r++)
    __builtin_memcpy(framed + (r + 1) * stride + 1, image + r * width, width * sizeof *image);
}

// Clamps a coordinate to the frame, whose border has the value 0 of everything outside the image;
// NaN becomes 0.
INLINE float within(float x, float last) {
  float positive = x > 0 ? x : 0;
  return positive < last ? positive : last;
}

// Interpolates bilinearly between the four pixels around a point of the framed image.
INLINE float pixel_at(const float *framed, ptrdiff_t stride, float x, float y) {
  int32_t column = (int32_t)x, row = (int32_t)y;
  float right = x - (float)column, down = y - (float)row;
  const float *p = framed + row * stride + column;
  float above = p[0] + right * (p[1] - p[0]);
  float below = p[stride] + right * (p[stride + 1] - p[stride]);
  return above + down * (below - above);
}

static void warp(float *image, ptrdiff_t height, ptrdiff_t width, const float *map,
                 float *framed) {
  frame_image(image, height, width, framed);
  float last_column = (float)(width + 1), last_row = (float)(height + 1);
  for (ptrdiff_t r = 0; r < height; r++) {
    float x = map[0] + map[2] * (float)r + 1, y = map[3] + map[5] * (float)r + 1;
    for (ptrdiff_t c = 0; c < width; c++)
      image[r * width + c] =
          pixel_at(framed, width + 3, within(x + map[1] * (float)c, last_column),
                   within(y + map[4] * (float)c, last_row));
  }
}
