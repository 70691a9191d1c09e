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

// Asks for a row's memory long before it is written.
INLINE void prefetch_row(const float *p) {
  for (int i = 0; i < TILE_COLUMNS; i += 16) __builtin_prefetch(p + i, 1);
}

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
//
// C's rows are fetched one by one on the way, since all at once would hold up the operands.
INLINE void tile(const int rows, const float *a, ptrdiff_t a_stride, const float *panel,
                 ptrdiff_t inner, start_values start, float *c, ptrdiff_t c_stride) {
  tile_row sum[TILE_ROWS];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
    sum[r] = start.values ? load_row(start.values + r * start.stride) : (tile_row){0};
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
        sum[r] = fused_row(splat_row(a[r * a_stride + k]), w, sum[r]);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) store_row(c + r * c_stride, sum[r]);
}

// `count` tiles of one height, one below the other. Nothing but additions stands between two of
// them, so that the next begins while the sums of the one before are still on their way.
INLINE void tile_run(const int rows, ptrdiff_t count, const float *a, ptrdiff_t a_stride,
                     const float *panel, ptrdiff_t inner, start_values start, float *c,
                     ptrdiff_t c_stride) {
  for (; count > 0; count--) {
    tile(rows, a, a_stride, panel, inner, start, c, c_stride);
    a += rows * a_stride;
    c += rows * c_stride;
    if (start.values) start.values += rows * start.stride;
  }
}

#define EACH_HEIGHT(HEIGHT) \
  HEIGHT(1) HEIGHT(2) HEIGHT(3) HEIGHT(4) HEIGHT(5) HEIGHT(6) MORE_HEIGHTS(HEIGHT)

static void tiles_of_height(ptrdiff_t rows, ptrdiff_t count, const float *a, ptrdiff_t a_stride,
                            const float *panel, ptrdiff_t inner, start_values start, float *c,
                            ptrdiff_t c_stride) {
  switch (rows) {
#define HEIGHT(n) \
  case n: return tile_run(n, count, a, a_stride, panel, inner, start, c, c_stride);
    EACH_HEIGHT(HEIGHT)
#undef HEIGHT
  }
}

// to[rows, columns] = from
static void copy_rows(const float *from, ptrdiff_t from_stride, float *to, ptrdiff_t to_stride,
                      ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t r = 0; r < rows; r++)
    __builtin_memcpy(to + r * to_stride, from + r * from_stride, columns * sizeof *to);
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
  tiles_of_height(rows, 1, a, a_stride, panel, inner, begun, e.values, TILE_COLUMNS);
  copy_rows(e.values, TILE_COLUMNS, c, c_stride, rows, columns);
}

INLINE start_values further(start_values start, ptrdiff_t rows, ptrdiff_t columns) {
  if (start.values) start.values += rows * start.stride + columns;
  return start;
}

// c[count * height, columns <= 32] = start + a . panel
static void product_tiles(ptrdiff_t height, ptrdiff_t count, const float *a, ptrdiff_t a_stride,
                          const float *panel, ptrdiff_t inner, start_values start, float *c,
                          ptrdiff_t c_stride, ptrdiff_t columns) {
  ptrdiff_t j = 0;
  for (; j + TILE_COLUMNS <= columns; j += TILE_COLUMNS)
    tiles_of_height(height, count, a, a_stride, panel + j, inner, further(start, 0, j), c + j,
                    c_stride);
  for (ptrdiff_t r = 0; j < columns && r < count * height; r += height)
    edge_tile(height, columns - j, a + r * a_stride, a_stride, panel + j, inner,
              further(start, r, j), c + r * c_stride + j, c_stride);
}

// How many tiles cover some rows: the first ones of height + 1, the others of height.
typedef struct {
  ptrdiff_t height, higher, lower;
} division;

INLINE division divide(ptrdiff_t rows) {
  ptrdiff_t tiles = quotient_up(rows, TILE_ROWS);
  if (tiles == 0) return (division){0};
  ptrdiff_t height = rows / tiles, higher = rows % tiles;
  return (division){height, higher, tiles - higher};
}

// c[rows, columns <= 32] = start + a . panel, by tiles of balanced height.
static void product_panel(const float *a, ptrdiff_t a_stride, const float *panel, ptrdiff_t inner,
                          start_values start, float *c, ptrdiff_t c_stride, ptrdiff_t rows,
                          ptrdiff_t columns) {
  division d = divide(rows);
  ptrdiff_t first = d.higher * (d.height + 1);
  product_tiles(d.height + 1, d.higher, a, a_stride, panel, inner, start, c, c_stride, columns);
  product_tiles(d.height, d.lower, a + first * a_stride, a_stride, panel, inner,
                further(start, first, 0), c + first * c_stride, c_stride, columns);
}

static void product(const float *a, ptrdiff_t a_stride, const float *panels, ptrdiff_t panel_rows,
                    ptrdiff_t inner, const float *start, ptrdiff_t start_stride, float *c,
                    ptrdiff_t c_stride, ptrdiff_t rows, ptrdiff_t columns) {
  start_values begin = {start, start_stride};
  for (ptrdiff_t j = 0; j < columns; j += ck_panel_columns)
    product_panel(a, a_stride, panels + j * panel_rows, inner, further(begin, 0, j), c + j,
                  c_stride, rows, smaller(columns - j, ck_panel_columns));
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
