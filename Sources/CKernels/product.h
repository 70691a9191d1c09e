// Matrix products over packed panels, computed in register tiles. Each element is one chain of
// MULTIPLY_ADD over the inner index in ascending order. KIND names the functions.

// c[rows, TILE_COLUMNS] = start + a[rows, inner] . panel[inner, 32]
//
// Prefetches the rows of c one by one during the loop: all at once would delay the operands.
INLINE void KIND(tile)(const int rows, const float *a, ptrdiff_t a_stride, const float *panel,
                       ptrdiff_t inner, start_values start, float *c, ptrdiff_t c_stride) {
  tile_row sum[TILE_ROWS];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
    sum[r] = start.values ? BEGIN(load_row(start.values + r * start.stride)) : (tile_row){0};
  ptrdiff_t k = 0;
#pragma clang loop unroll(disable)
  for (int i = 0; i < rows; i++) {
    prefetch_row(c + i * c_stride);
    ptrdiff_t end = inner * (i + 1) / rows;
#pragma clang loop unroll(disable)
    for (; k < end; k++) {
      tile_row w = load_row(panel + k * ck_panel_columns);
#pragma clang loop unroll(full)
      for (int r = 0; r < rows; r++)
        sum[r] = MULTIPLY_ADD(a + r * a_stride + k, w, sum[r]);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) store_row(c + r * c_stride, sum[r]);
}

// Computes `count` tiles of equal height, one below the other. Only address arithmetic separates
// successive tiles, so a tile can start while the sums of the previous one are still in flight.
INLINE void KIND(tile_run)(const int rows, ptrdiff_t count, const float *a, ptrdiff_t a_stride,
                           const float *panel, ptrdiff_t inner, start_values start, float *c,
                           ptrdiff_t c_stride) {
  for (; count > 0; count--) {
    KIND(tile)(rows, a, a_stride, panel, inner, start, c, c_stride);
    a += rows * a_stride;
    c += rows * c_stride;
    if (start.values) start.values += rows * start.stride;
  }
}

static void KIND(tiles_of_height)(ptrdiff_t rows, ptrdiff_t count, const float *a,
                                  ptrdiff_t a_stride, const float *panel, ptrdiff_t inner,
                                  start_values start, float *c, ptrdiff_t c_stride) {
  switch (rows) {
#define HEIGHT(n) \
  case n: return KIND(tile_run)(n, count, a, a_stride, panel, inner, start, c, c_stride);
    EACH_HEIGHT(HEIGHT)
#undef HEIGHT
  }
}

static void KIND(edge_tile)(ptrdiff_t rows, ptrdiff_t columns, const float *a, ptrdiff_t a_stride,
                            const float *panel, ptrdiff_t inner, start_values start, float *c,
                            ptrdiff_t c_stride) {
  edge e = {{0}};
  if (start.values) copy_rows(start.values, start.stride, e.values, TILE_COLUMNS, rows, columns);
  start_values begun = {e.values, TILE_COLUMNS};
  KIND(tiles_of_height)(rows, 1, a, a_stride, panel, inner, begun, e.values, TILE_COLUMNS);
  copy_rows(e.values, TILE_COLUMNS, c, c_stride, rows, columns);
}

// c[count * height, columns <= 32] = start + a . panel
static void KIND(product_tiles)(ptrdiff_t height, ptrdiff_t count, const float *a,
                                ptrdiff_t a_stride, const float *panel, ptrdiff_t inner,
                                start_values start, float *c, ptrdiff_t c_stride,
                                ptrdiff_t columns) {
  ptrdiff_t j = 0;
  for (; j + TILE_COLUMNS <= columns; j += TILE_COLUMNS)
    KIND(tiles_of_height)(height, count, a, a_stride, panel + j, inner, further(start, 0, j), c + j,
                          c_stride);
  for (ptrdiff_t r = 0; j < columns && r < count * height; r += height)
    KIND(edge_tile)(height, columns - j, a + r * a_stride, a_stride, panel + j, inner,
                    further(start, r, j), c + r * c_stride + j, c_stride);
}

// c[rows, columns <= 32] = start + a . panel, in tiles of balanced height.
static void KIND(product_panel)(const float *a, ptrdiff_t a_stride, const float *panel,
                                ptrdiff_t inner, start_values start, float *c, ptrdiff_t c_stride,
                                ptrdiff_t rows, ptrdiff_t columns) {
  division d = divide(rows);
  ptrdiff_t first = d.higher * (d.height + 1);
  KIND(product_tiles)(d.height + 1, d.higher, a, a_stride, panel, inner, start, c, c_stride,
                      columns);
  KIND(product_tiles)(d.height, d.lower, a + first * a_stride, a_stride, panel, inner,
                      further(start, first, 0), c + first * c_stride, c_stride, columns);
}

static void KIND(product)(const float *a, ptrdiff_t a_stride, const float *panels,
                          ptrdiff_t panel_rows, ptrdiff_t inner, const float *start,
                          ptrdiff_t start_stride, float *c, ptrdiff_t c_stride, ptrdiff_t rows,
                          ptrdiff_t columns) {
  start_values begin = {start, start_stride};
  for (ptrdiff_t j = 0; j < columns; j += ck_panel_columns)
    KIND(product_panel)(a, a_stride, panels + j * panel_rows, inner, further(begin, 0, j), c + j,
                        c_stride, rows, smaller(columns - j, ck_panel_columns));
}
