// The product of a transposed matrix, as the gradients of weights need it: a^T . b over the rows
// of several steps, block by block. Nothing is packed: a tile reads the rows in place.

// The same rows of successive steps.
typedef struct {
  const float *values;
  ptrdiff_t stride, step;
} sequence;

// The rows that are taken at a time, of which a level-2 cache holds both operands twice; the
// columns of a and of b whose product is computed at a time; the floats of a cache line.
enum { BLOCK_ROWS = 224, BLOCK_HEIGHT = 192, BLOCK_WIDTH = 128, LINE = 16 };

typedef struct {
  const float *rows[BLOCK_ROWS];
  ptrdiff_t count;
} row_list;

// Lists `count` rows in the order (step, row), beginning with number `first`, where the rows of
// every step are begin ..< end. What is left of the list repeats some row.
static void list_rows(sequence s, ptrdiff_t begin, ptrdiff_t end, ptrdiff_t first, ptrdiff_t count,
                      row_list *list) {
  ptrdiff_t step = first / (end - begin), row = begin + first % (end - begin), k = 0;
  list->count = count;
  for (; k < count; step++, row = begin) {
    const float *from = s.values + step * s.step + row * s.stride;
    for (ptrdiff_t last = smaller(count, k + end - row); k < last; k++, from += s.stride)
      list->rows[k] = from;
  }
  for (; k < BLOCK_ROWS; k++) list->rows[k] = list->rows[0];
}

typedef struct {
  row_list a, b;
} operands;

// The columns of a and b that are multiplied; their rows, and those that come next.
typedef struct {
  ptrdiff_t a_first, height, b_first, width;
  const operands *now, *next;
  ptrdiff_t errands;
} block;

// One cache line of each row that comes next, to be fetched on the way; none where rows is null.
typedef struct {
  const float *const *rows;
  ptrdiff_t column;
} errand;

// Every tile runs one errand, first for the lines of b and then for those of a, until all are done.
INLINE errand next_errand(block *block) {
  ptrdiff_t column = block->errands++ * LINE;
  if (!block->next) return (errand){0};
  if (column < block->width) return (errand){block->next->b.rows, block->b_first + column};
  column -= quotient_up(block->width, LINE) * LINE;
  if (column < block->height) return (errand){block->next->a.rows, block->a_first + column};
  return (errand){0};
}

// Whether a tile's sums were begun by an earlier block, and whether they end here and are to be
// added to those one level of the scratch memory below.
typedef struct {
  bool begun, descend;
} stage;

// c[rows, TILE_COLUMNS of 32] = (columns of a from a_first on)^T . (columns of b from b_first on)
INLINE void transposed_tile(const int rows, const bool fetches, const row_list *a,
                            ptrdiff_t a_first, const row_list *b, ptrdiff_t b_first, errand errand,
                            stage stage, float *c) {
  tile_row sum[TILE_ROWS];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) sum[r] = (tile_row){0};
  if (stage.begun) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sum[r] = load_row(c + r * ck_panel_columns);
  }
#pragma clang loop unroll(disable)
  for (ptrdiff_t k = 0; k < a->count; k++) {
    const float *factors = a->rows[k] + a_first;
    tile_row w = load_row(b->rows[k] + b_first);
    if (fetches) __builtin_prefetch(errand.rows[k] + errand.column, 0, 2);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sum[r] = fused_row(splat_row(factors[r]), w, sum[r]);
  }
  if (stage.descend) {
    c -= ck_level_floats;
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sum[r] += load_row(c + r * ck_panel_columns);
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) store_row(c + r * ck_panel_columns, sum[r]);
}

INLINE void transposed_run(const int rows, ptrdiff_t count, block *block, ptrdiff_t a_first,
                           const row_list *b, ptrdiff_t b_first, stage stage, float *c) {
  const row_list *a = &block->now->a;
  for (; count > 0; count--, a_first += rows, c += rows * ck_panel_columns) {
    errand errand = next_errand(block);
    if (errand.rows)
      transposed_tile(rows, true, a, a_first, b, b_first, errand, stage, c);
    else
      transposed_tile(rows, false, a, a_first, b, b_first, errand, stage, c);
  }
}

static void transposed_tiles(ptrdiff_t rows, ptrdiff_t count, block *block, ptrdiff_t a_first,
                             const row_list *b, ptrdiff_t b_first, stage stage, float *c) {
  switch (rows) {
#define HEIGHT(n) \
  case n: return transposed_run(n, count, block, a_first, b, b_first, stage, c);
    EACH_HEIGHT(HEIGHT)
#undef HEIGHT
  }
}

// panel[height, TILE_COLUMNS of 32] = a^T . (columns of b from b_first on)
static void transposed_columns(block *block, const row_list *b, ptrdiff_t b_first, stage stage,
                               float *panel) {
  division d = divide(block->height);
  ptrdiff_t first = d.higher * (d.height + 1);
  transposed_tiles(d.height + 1, d.higher, block, block->a_first, b, b_first, stage, panel);
  transposed_tiles(d.height, d.lower, block, block->a_first + first, b, b_first, stage,
                   panel + first * ck_panel_columns);
}

// The same for the last columns of b, fewer than a tile has: they take a detour through memory
// that is as wide as the tile.
static void transposed_edge(block *block, ptrdiff_t b_first, ptrdiff_t columns, stage stage,
                            float *panel) {
  float copies[BLOCK_ROWS * TILE_COLUMNS] = {0};
  row_list padded = {.count = block->now->b.count};
  for (ptrdiff_t k = 0; k < padded.count; k++) {
    padded.rows[k] = copies + k * TILE_COLUMNS;
    copy_rows(block->now->b.rows[k] + b_first, 0, copies + k * TILE_COLUMNS, 0, 1, columns);
  }
  transposed_columns(block, &padded, 0, stage, panel);
}

// panel[height, columns <= 32] = a^T . (columns of b from b_first on)
static void transposed_panel(block *block, ptrdiff_t b_first, ptrdiff_t columns, stage stage,
                             float *panel) {
  ptrdiff_t j = 0;
  for (; j + TILE_COLUMNS <= columns; j += TILE_COLUMNS)
    transposed_columns(block, &block->now->b, b_first + j, stage, panel + j);
  if (j < columns) transposed_edge(block, b_first + j, columns - j, stage, panel + j);
}

// sums[width] += the rows of b
static void add_rows(const block *block, float *sums) {
  const row_list *b = &block->now->b;
  if (block->width < BLOCK_WIDTH) {
    for (ptrdiff_t k = 0; k < b->count; k++)
      for (ptrdiff_t i = 0; i < block->width; i++) sums[i] += b->rows[k][block->b_first + i];
    return;
  }
  float total[BLOCK_WIDTH];
  __builtin_memcpy(total, sums, sizeof total);
  for (ptrdiff_t k = 0; k < b->count; k++) {
    const float *row = b->rows[k] + block->b_first;
    for (int i = 0; i < BLOCK_WIDTH; i++) total[i] += row[i];
  }
  __builtin_memcpy(sums, total, sizeof total);
}
