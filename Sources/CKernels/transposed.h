// The product of a transposed matrix, as the gradients of weights need it: a^T . b over the rows
// of several steps, block by block, and the blocks of slices summed along a binary tree: a run of
// n > 1 slices is the sum of its first ceil(n / 2) slices and the others. A block of the result
// stays in a cache until the tree is summed, and only then goes to memory.

// c[rows, TILE_COLUMNS of 32] = (columns of a from a_first on)^T . (columns of b from b_first on)
INLINE void KIND(transposed_tile)(const int rows, const bool fetches, const row_list *a,
                                  ptrdiff_t a_first, const row_list *b, ptrdiff_t b_first,
                                  errand errand, stage stage, float *c) {
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
    for (int r = 0; r < rows; r++) sum[r] = MULTIPLY_ADD(factors + r, w, sum[r]);
  }
  if (stage.descend) {
    c -= ck_level_floats;
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sum[r] += load_row(c + r * ck_panel_columns);
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) store_row(c + r * ck_panel_columns, sum[r]);
}

INLINE void KIND(transposed_run)(const int rows, ptrdiff_t count, block *block, ptrdiff_t a_first,
                                 const row_list *b, ptrdiff_t b_first, stage stage, float *c) {
  const row_list *a = &block->now->a;
  for (; count > 0; count--, a_first += rows, c += rows * ck_panel_columns) {
    errand errand = next_errand(block);
    if (errand.rows)
      KIND(transposed_tile)(rows, true, a, a_first, b, b_first, errand, stage, c);
    else
      KIND(transposed_tile)(rows, false, a, a_first, b, b_first, errand, stage, c);
  }
}

static void KIND(transposed_tiles)(ptrdiff_t rows, ptrdiff_t count, block *block, ptrdiff_t a_first,
                                   const row_list *b, ptrdiff_t b_first, stage stage, float *c) {
  switch (rows) {
#define HEIGHT(n) \
  case n: return KIND(transposed_run)(n, count, block, a_first, b, b_first, stage, c);
    EACH_HEIGHT(HEIGHT)
#undef HEIGHT
  }
}

// panel[height, TILE_COLUMNS of 32] = a^T . (columns of b from b_first on)
static void KIND(transposed_columns)(block *block, const row_list *b, ptrdiff_t b_first,
                                     stage stage, float *panel) {
  division d = divide(block->height);
  ptrdiff_t first = d.higher * (d.height + 1);
  KIND(transposed_tiles)(d.height + 1, d.higher, block, block->a_first, b, b_first, stage, panel);
  KIND(transposed_tiles)(d.height, d.lower, block, block->a_first + first, b, b_first, stage,
                         panel + first * ck_panel_columns);
}

// The same for the last columns of b, fewer than a tile has: they take a detour through memory
// that is as wide as the tile.
static void KIND(transposed_edge)(block *block, ptrdiff_t b_first, ptrdiff_t columns, stage stage,
                                  float *panel) {
  float copies[BLOCK_ROWS * TILE_COLUMNS] = {0};
  row_list padded = {.count = block->now->b.count};
  for (ptrdiff_t k = 0; k < padded.count; k++) {
    padded.rows[k] = copies + k * TILE_COLUMNS;
    copy_rows(block->now->b.rows[k] + b_first, 0, copies + k * TILE_COLUMNS, 0, 1, columns);
  }
  KIND(transposed_columns)(block, &padded, 0, stage, panel);
}

// panel[height, columns <= 32] = a^T . (columns of b from b_first on)
static void KIND(transposed_panel)(block *block, ptrdiff_t b_first, ptrdiff_t columns, stage stage,
                                   float *panel) {
  ptrdiff_t j = 0;
  for (; j + TILE_COLUMNS <= columns; j += TILE_COLUMNS)
    KIND(transposed_columns)(block, &block->now->b, b_first + j, stage, panel + j);
  if (j < columns) KIND(transposed_edge)(block, b_first + j, columns - j, stage, panel + j);
}

static void KIND(multiply_block)(block *whole, extent e, place p, bool with_sums, float *pairs,
                                 float *scratch) {
  operands storage;
  block ready = KIND(prepare)(whole, &storage, pairs), *block = &ready;
  float *level = scratch + p.waiting * ck_level_floats;
  stage stage = {!e.begins, e.ends && p.completes > 0};
  for (ptrdiff_t j = 0; j < block->width; j += ck_panel_columns) {
    ptrdiff_t columns = smaller(block->width - j, ck_panel_columns), offset = j * block->height;
    KIND(transposed_panel)(block, block->b_first + j, columns, stage, level + offset);
    if (stage.descend)
      add_levels(scratch, p, 1, offset, block->height * ck_panel_columns);
  }
  if (!with_sums) return;
  float *sums = level + SUMS_OFFSET;
  for (int i = 0; e.begins && i < BLOCK_WIDTH; i++) sums[i] = 0;
  add_rows(whole, sums);
  if (stage.descend) add_levels(scratch, p, 0, SUMS_OFFSET, BLOCK_WIDTH);
}

// Level 0 of the scratch memory = the sum over all slices.
static void KIND(multiply_slices)(cursor at, block *block, bool with_sums, float *pairs,
                                  float *scratch) {
  operands lists[2];
  extent e = list_block(&at, lists);
  for (int turn = 0;; turn ^= 1) {
    bool is_last = at.slice == at.slices;
    block->now = lists + turn;
    block->next = is_last ? NULL : lists + (turn ^ 1);
    block->errands = 0;
    extent next = is_last ? e : list_block(&at, lists + (turn ^ 1));
    KIND(multiply_block)(block, e, place_of(e.slice, at.slices), with_sums, pairs, scratch);
    if (is_last) return;
    e = next;
  }
}

static void KIND(transposed_product)(const float *a, ptrdiff_t a_stride, ptrdiff_t a_step,
                                     const float *b, ptrdiff_t b_stride, ptrdiff_t b_step,
                                     ptrdiff_t steps, const ptrdiff_t *bounds, ptrdiff_t slices,
                                     ptrdiff_t m, ptrdiff_t n, float *c, ptrdiff_t c_stride,
                                     float *column_sums, float *scratch) {
  float *pairs = scratch + slice_levels(slices) * ck_level_floats;
  cursor at = {{a, a_stride, a_step}, {b, b_stride, b_step}, steps, slices, bounds, 0, 0};
  for (ptrdiff_t j = 0; j < n; j += BLOCK_WIDTH)
    for (ptrdiff_t i = 0; i < m; i += BLOCK_HEIGHT) {
      block block = {i, smaller(m - i, BLOCK_HEIGHT), j, smaller(n - j, BLOCK_WIDTH), 0, 0, 0};
      bool with_sums = column_sums && i == 0;
      KIND(multiply_slices)(at, &block, with_sums, pairs, scratch);
      for (ptrdiff_t k = 0; k < block.width; k += ck_panel_columns)
        copy_rows(scratch + k * block.height, ck_panel_columns, c + i * c_stride + j + k, c_stride,
                  block.height, smaller(block.width - k, ck_panel_columns));
      if (with_sums) copy_rows(scratch + SUMS_OFFSET, 0, column_sums + j, 0, 1, block.width);
    }
}
