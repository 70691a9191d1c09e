// The product of a transposed matrix, as the gradients of weights need it: c += a^T . b, where the
// inner index runs over the rows of several steps. Nothing is packed: a tile reads the rows in
// place.

// Rows of successive steps, counted through: row i is row i % rows of step i / rows.
typedef struct {
  const float *values;
  ptrdiff_t stride, step, rows;
} sequence;

// The rows of one block, of which a level-2 cache holds both operands.
enum { BLOCK_ROWS = 352 };

typedef struct {
  const float *rows[BLOCK_ROWS];
  ptrdiff_t count;
} row_list;

static void list_rows(sequence s, ptrdiff_t first, ptrdiff_t count, row_list *list) {
  list->count = count;
  for (ptrdiff_t k = 0; k < count; k++)
    list->rows[k] = s.values + (first + k) / s.rows * s.step + (first + k) % s.rows * s.stride;
}

// c[rows, TILE_COLUMNS] += (columns of a from a_first on)^T . (columns of b from b_first on)
INLINE void transposed_tile(const int rows, const row_list *a, ptrdiff_t a_first, const row_list *b,
                            ptrdiff_t b_first, float *c, ptrdiff_t c_stride) {
  tile_row sum[TILE_ROWS];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) sum[r] = load_row(c + r * c_stride);
  for (ptrdiff_t k = 0; k < a->count; k++) {
    const float *factors = a->rows[k] + a_first;
    tile_row w = load_row(b->rows[k] + b_first);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
      sum[r] = fused_row(splat_row(factors[r]), w, sum[r]);
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) store_row(c + r * c_stride, sum[r]);
}

static void transposed_tile_of_height(ptrdiff_t rows, const row_list *a, ptrdiff_t a_first,
                                      const row_list *b, ptrdiff_t b_first, float *c,
                                      ptrdiff_t c_stride) {
  switch (rows) {
#define HEIGHT(n) \
  case n: return transposed_tile(n, a, a_first, b, b_first, c, c_stride);
    EACH_HEIGHT(HEIGHT)
#undef HEIGHT
  }
}

// c[m, TILE_COLUMNS] += a^T . (columns of b from b_first on)
static void transposed_panel(const row_list *a, const row_list *b, ptrdiff_t b_first, ptrdiff_t m,
                             float *c, ptrdiff_t c_stride) {
  ptrdiff_t tiles = quotient_up(m, TILE_ROWS);
  for (ptrdiff_t t = 0; t < tiles; t++) {
    ptrdiff_t first = part(t, m, tiles), height = part(t + 1, m, tiles) - first;
    transposed_tile_of_height(height, a, first, b, b_first, c + first * c_stride, c_stride);
  }
}

// The same for the last columns of b, fewer than a tile has: operand and results take a detour
// through memory that is as wide as the tile.
static void transposed_edge(const row_list *a, const row_list *b, ptrdiff_t b_first,
                            ptrdiff_t columns, ptrdiff_t m, float *c, ptrdiff_t c_stride) {
  float panel[BLOCK_ROWS * TILE_COLUMNS] = {0};
  row_list padded = {.count = b->count};
  for (ptrdiff_t k = 0; k < b->count; k++) {
    padded.rows[k] = panel + k * TILE_COLUMNS;
    copy_rows(b->rows[k] + b_first, 0, panel + k * TILE_COLUMNS, 0, 1, columns);
  }
  ptrdiff_t tiles = quotient_up(m, TILE_ROWS);
  for (ptrdiff_t t = 0; t < tiles; t++) {
    ptrdiff_t first = part(t, m, tiles), height = part(t + 1, m, tiles) - first;
    edge e = {{0}};
    copy_rows(c + first * c_stride, c_stride, e.values, TILE_COLUMNS, height, columns);
    transposed_tile_of_height(height, a, first, &padded, 0, e.values, TILE_COLUMNS);
    copy_rows(e.values, TILE_COLUMNS, c + first * c_stride, c_stride, height, columns);
  }
}

static void add_rows(const row_list *b, ptrdiff_t n, float *restrict sums) {
  for (ptrdiff_t k = 0; k < b->count; k++) {
    const float *restrict row = b->rows[k];
    for (ptrdiff_t i = 0; i < n; i++) sums[i] += row[i];
  }
}

static void transposed_product(const float *a, ptrdiff_t a_stride, ptrdiff_t a_step, const float *b,
                               ptrdiff_t b_stride, ptrdiff_t b_step, ptrdiff_t steps,
                               ptrdiff_t rows, ptrdiff_t m, ptrdiff_t n, float *c,
                               ptrdiff_t c_stride, float *column_sums) {
  sequence left = {a, a_stride, a_step, rows}, right = {b, b_stride, b_step, rows};
  ptrdiff_t inner = steps * rows, blocks = quotient_up(inner, BLOCK_ROWS);
  ptrdiff_t whole = n / TILE_COLUMNS * TILE_COLUMNS;
  for (ptrdiff_t i = 0; i < blocks; i++) {
    ptrdiff_t first = part(i, inner, blocks), count = part(i + 1, inner, blocks) - first;
    row_list rows_a, rows_b;
    list_rows(left, first, count, &rows_a);
    list_rows(right, first, count, &rows_b);
    if (column_sums) add_rows(&rows_b, n, column_sums);
    for (ptrdiff_t j = 0; j < whole; j += TILE_COLUMNS)
      transposed_panel(&rows_a, &rows_b, j, m, c + j, c_stride);
    if (whole < n) transposed_edge(&rows_a, &rows_b, whole, n - whole, m, c + whole, c_stride);
  }
}
