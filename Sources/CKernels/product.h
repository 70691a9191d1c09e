// Matrix products over packed panels, in register tiles of TILE_ROWS x TILE_COLUMNS. Each element
// is one chain of fused multiply-adds over the inner index ascending.

// A row of a tile: one or more registers.
typedef float tile_row __attribute__((vector_size(4 * TILE_COLUMNS)));
typedef float tile_row_unaligned __attribute__((vector_size(4 * TILE_COLUMNS), aligned(4)));

INLINE tile_row load_row(const float *p) { return *(const tile_row_unaligned *)p; }

INLINE void store_row(float *p, tile_row x) { *(tile_row_unaligned *)p = x; }

#if defined(SOFTWARE_FMA)
INLINE tile_row fused_row(tile_row a, tile_row b, tile_row c) { return fused(a, b, c); }
#else
INLINE tile_row fused_row(tile_row a, tile_row b, tile_row c) {
  return __builtin_elementwise_fma(a, b, c);
}
#endif

INLINE tile_row splat_row(float x) { return x - (tile_row){0}; }

INLINE ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

INLINE ptrdiff_t quotient_up(ptrdiff_t a, ptrdiff_t b) { return (a + b - 1) / b; }

// Where part `i` of `parts` that differ by at most one begins in 0 ..< count.
INLINE ptrdiff_t part(ptrdiff_t i, ptrdiff_t count, ptrdiff_t parts) { return count * i / parts; }

// The values a tile's sums begin with: those at `values`, or zero where that is null.
typedef struct {
  const float *values;
  ptrdiff_t stride;
} start_values;

// c[rows, TILE_COLUMNS] = start + a[rows, inner] . panel[inner, 32]
INLINE void tile(const int rows, const float *a, ptrdiff_t a_stride, const float *panel,
                 ptrdiff_t inner, start_values start, float *c, ptrdiff_t c_stride) {
  tile_row sum[TILE_ROWS];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
    sum[r] = start.values ? load_row(start.values + r * start.stride) : (tile_row){0};
  for (ptrdiff_t k = 0; k < inner; k++) {
    tile_row w = load_row(panel + k * ck_panel_columns);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
      sum[r] = fused_row(splat_row(a[r * a_stride + k]), w, sum[r]);
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) store_row(c + r * c_stride, sum[r]);
}

#define EACH_HEIGHT(HEIGHT) \
  HEIGHT(1) HEIGHT(2) HEIGHT(3) HEIGHT(4) HEIGHT(5) HEIGHT(6) MORE_HEIGHTS(HEIGHT)

static void tile_of_height(ptrdiff_t rows, const float *a, ptrdiff_t a_stride, const float *panel,
                           ptrdiff_t inner, start_values start, float *c, ptrdiff_t c_stride) {
  switch (rows) {
#define HEIGHT(n) \
  case n: return tile(n, a, a_stride, panel, inner, start, c, c_stride);
    EACH_HEIGHT(HEIGHT)
#undef HEIGHT
  }
}

// to[rows, columns] = from
static void copy_rows(const float *from, ptrdiff_t from_stride, float *to, ptrdiff_t to_stride,
                      ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t i = 0; i < columns; i++) to[r * to_stride + i] = from[r * from_stride + i];
}

// Room for a tile of which C has only some columns: the results take a detour through it.
typedef struct {
  float values[TILE_ROWS * TILE_COLUMNS];
} edge;

static void edge_tile(ptrdiff_t rows, ptrdiff_t columns, const float *a, ptrdiff_t a_stride,
                      const float *panel, ptrdiff_t inner, start_values start, float *c,
                      ptrdiff_t c_stride) {
  edge e = {{0}};
  if (start.values) copy_rows(start.values, start.stride, e.values, TILE_COLUMNS, rows, columns);
  start_values begun = {e.values, TILE_COLUMNS};
  tile_of_height(rows, a, a_stride, panel, inner, begun, e.values, TILE_COLUMNS);
  copy_rows(e.values, TILE_COLUMNS, c, c_stride, rows, columns);
}

// c[rows, columns <= 32] = start + a . panel, by tiles of balanced height.
static void product_panel(const float *a, ptrdiff_t a_stride, const float *panel, ptrdiff_t inner,
                          start_values start, float *c, ptrdiff_t c_stride, ptrdiff_t rows,
                          ptrdiff_t columns) {
  ptrdiff_t tiles = quotient_up(rows, TILE_ROWS);
  for (ptrdiff_t i = 0; i < tiles; i++) {
    ptrdiff_t first = part(i, rows, tiles), height = part(i + 1, rows, tiles) - first;
    for (ptrdiff_t j = 0; j < columns; j += TILE_COLUMNS) {
      start_values here = start;
      if (start.values) here.values += first * start.stride + j;
      const float *rows_a = a + first * a_stride;
      float *to = c + first * c_stride + j;
      if (j + TILE_COLUMNS <= columns)
        tile_of_height(height, rows_a, a_stride, panel + j, inner, here, to, c_stride);
      else
        edge_tile(height, columns - j, rows_a, a_stride, panel + j, inner, here, to, c_stride);
    }
  }
}

static void product(const float *a, ptrdiff_t a_stride, const float *panels, ptrdiff_t inner,
                    const float *start, ptrdiff_t start_stride, float *c, ptrdiff_t c_stride,
                    ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t j = 0; j < columns; j += ck_panel_columns) {
    start_values here = {start ? start + j : NULL, start_stride};
    product_panel(a, a_stride, panels + j * inner, inner, here, c + j, c_stride, rows,
                  smaller(columns - j, ck_panel_columns));
  }
}

// panels[column / 32][row][column % 32] = w, zero beyond the last column.
static void pack(const float *w, ptrdiff_t row_stride, ptrdiff_t column_stride, ptrdiff_t rows,
                 ptrdiff_t columns, float *panels) {
  for (ptrdiff_t j = 0; j < columns; j += ck_panel_columns) {
    ptrdiff_t width = smaller(columns - j, ck_panel_columns);
    for (ptrdiff_t r = 0; r < rows; r++, panels += ck_panel_columns) {
      const float *from = w + r * row_stride + j * column_stride;
      for (ptrdiff_t i = 0; i < width; i++) panels[i] = from[i * column_stride];
      for (ptrdiff_t i = width; i < ck_panel_columns; i++) panels[i] = 0;
    }
  }
}
