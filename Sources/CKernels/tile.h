// Building blocks of register tiles of TILE_ROWS x TILE_COLUMNS elements.

// One row of a tile, in one or more registers.
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

// Prefetches the memory of a row well before it is written.
INLINE void prefetch_row(const float *p) {
  for (int i = 0; i < TILE_COLUMNS; i += 16) __builtin_prefetch(p + i, 1);
}

INLINE tile_row splat_row(float x) { return x - (tile_row){0}; }

INLINE ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

INLINE ptrdiff_t quotient_up(ptrdiff_t a, ptrdiff_t b) { return (a + b - 1) / b; }

// The start of part `i` when 0 ..< count is divided into `parts` whose sizes differ by at most one.
INLINE ptrdiff_t part(ptrdiff_t i, ptrdiff_t count, ptrdiff_t parts) { return count * i / parts; }

// The initial values of a tile's sums; zero where `values` is null.
typedef struct {
  const float *values;
  ptrdiff_t stride;
} start_values;

INLINE start_values further(start_values start, ptrdiff_t rows, ptrdiff_t columns) {
  if (start.values) start.values += rows * start.stride + columns;
  return start;
}

// A division of rows into tiles: `higher` tiles of height + 1, then `lower` tiles of height.
typedef struct {
  ptrdiff_t height, higher, lower;
} division;

INLINE division divide(ptrdiff_t rows) {
  ptrdiff_t tiles = quotient_up(rows, TILE_ROWS);
  if (tiles == 0) return (division){0};
  ptrdiff_t height = rows / tiles, higher = rows % tiles;
  return (division){height, higher, tiles - higher};
}

#define EACH_HEIGHT(HEIGHT) \
  HEIGHT(1) HEIGHT(2) HEIGHT(3) HEIGHT(4) HEIGHT(5) HEIGHT(6) MORE_HEIGHTS(HEIGHT)

// to[rows, columns] = from
static void copy_rows(const float *from, ptrdiff_t from_stride, float *to, ptrdiff_t to_stride,
                      ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t r = 0; r < rows; r++)
    __builtin_memcpy(to + r * to_stride, from + r * from_stride, columns * sizeof *to);
}

// A buffer for the results of a tile of which C has only some columns.
typedef struct {
  float values[TILE_ROWS * TILE_COLUMNS];
} edge;

static void add(float *restrict y, const float *restrict x, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) y[i] += x[i];
}

// Panels that are filled side by side from a row, and rows that are read at once from a column: so
// many that memory is read in long runs, so few that their cache lines stay in the first cache.
enum { packed_panels = 8, packed_rows = 16 };

// Packs a matrix whose rows are contiguous.
static void pack_rows(const float *w, ptrdiff_t row_stride, ptrdiff_t rows, ptrdiff_t columns,
                      float *panels) {
  ptrdiff_t group = packed_panels * ck_panel_columns;
  for (ptrdiff_t start = 0; start < columns; start += group)
    for (ptrdiff_t r = 0; r < rows; r++)
      for (ptrdiff_t j = start; j < smaller(start + group, columns); j += ck_panel_columns) {
        ptrdiff_t width = smaller(columns - j, ck_panel_columns);
        float *to = panels + j * rows + r * ck_panel_columns;
        for (ptrdiff_t i = 0; i < width; i++) to[i] = w[r * row_stride + j + i];
        for (ptrdiff_t i = width; i < ck_panel_columns; i++) to[i] = 0;
      }
}

// Packs a matrix whose columns are contiguous.
static void pack_columns(const float *w, ptrdiff_t column_stride, ptrdiff_t rows,
                         ptrdiff_t columns, float *panels) {
  for (ptrdiff_t j = 0; j < columns; j += ck_panel_columns) {
    ptrdiff_t width = smaller(columns - j, ck_panel_columns);
    for (ptrdiff_t r = 0; r < rows; r += packed_rows) {
      ptrdiff_t height = smaller(rows - r, packed_rows);
      float *to = panels + j * rows + r * ck_panel_columns;
      if (width < ck_panel_columns)
        for (ptrdiff_t i = 0; i < height * ck_panel_columns; i++) to[i] = 0;
      for (ptrdiff_t i = 0; i < width; i++)
        for (ptrdiff_t k = 0; k < height; k++)
          to[k * ck_panel_columns + i] = w[r + k + (j + i) * column_stride];
    }
  }
}

// panels[column / 32][row][column % 32] = w, zero beyond the last column. One stride is 1.
static void pack(const float *w, ptrdiff_t row_stride, ptrdiff_t column_stride, ptrdiff_t rows,
                 ptrdiff_t columns, float *panels) {
  if (column_stride == 1)
    pack_rows(w, row_stride, rows, columns, panels);
  else
    pack_columns(w, column_stride, rows, columns, panels);
}
