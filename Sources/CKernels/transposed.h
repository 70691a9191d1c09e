// Transposed products, as used for the gradients of weights: a^T . b over the rows of several
// steps, block by block. The products of slices are summed as a binary tree: the sum of n > 1
// slices is the sum of the first ceil(n / 2) plus the sum of the rest. A block of the result stays
// in cache until the whole tree has been summed, and only then is written to memory.

// c[rows, TILE_COLUMNS of 32] = (columns of a from a_first)^T . (columns of b from b_first)
INLINE void KIND(transposed_tile)(const int rows, const bool prefetches, const row_list *a,
                                  ptrdiff_t a_first, const row_list *b, ptrdiff_t b_first,
                                  prefetch line, accumulation mode, float *c) {
  tile_row sum[TILE_ROWS];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) sum[r] = (tile_row){0};
  if (mode.continues) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sum[r] = load_row(c + r * ck_panel_columns);
  }
#pragma clang loop unroll(disable)
  for (ptrdiff_t k = 0; k < a->count; k++) {
    const float *factors = a->rows[k] + a_first;
    tile_row w = load_row(b->rows[k] + b_first);
    if (prefetches) __builtin_prefetch(line.rows[k] + line.column, 0, 2);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sum[r] = MULTIPLY_ADD(factors + r, w, sum[r]);
  }
  if (mode.merges) {
    c -= ck_level_floats;
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sum[r] += load_row(c + r * ck_panel_columns);
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) store_row(c + r * ck_panel_columns, sum[r]);
}

INLINE void KIND(transposed_run)(const int rows, ptrdiff_t count, block *current, ptrdiff_t a_first,
                                 const row_list *b, ptrdiff_t b_first, accumulation mode,
                                 float *c) {
  const row_list *a = &current->now->a;
  for (; count > 0; count--, a_first += rows, c += rows * ck_panel_columns) {
    prefetch line = next_prefetch(current);
    if (line.rows)
      KIND(transposed_tile)(rows, true, a, a_first, b, b_first, line, mode, c);
    else
      KIND(transposed_tile)(rows, false, a, a_first, b, b_first, line, mode, c);
  }
}

static void KIND(transposed_tiles)(ptrdiff_t rows, ptrdiff_t count, block *current,
                                   ptrdiff_t a_first, const row_list *b, ptrdiff_t b_first,
                                   accumulation mode, float *c) {
  switch (rows) {
#define HEIGHT(n) \
  case n: return KIND(transposed_run)(n, count, current, a_first, b, b_first, mode, c);
    EACH_HEIGHT(HEIGHT)
#undef HEIGHT
  }
}

// panel[height, TILE_COLUMNS of 32] = a^T . (columns of b from b_first)
static void KIND(transposed_columns)(block *current, const row_list *b, ptrdiff_t b_first,
                                     accumulation mode, float *panel) {
  division d = divide(current->height);
  ptrdiff_t first = d.higher * (d.height + 1);
  KIND(transposed_tiles)(d.height + 1, d.higher, current, current->a_first, b, b_first, mode,
                         panel);
  KIND(transposed_tiles)(d.height, d.lower, current, current->a_first + first, b, b_first, mode,
                         panel + first * ck_panel_columns);
}

// Like `transposed_columns`, for the last columns of b, fewer than a tile has, which are copied to
// memory as wide as a tile.
static void KIND(transposed_edge)(block *current, ptrdiff_t b_first, ptrdiff_t columns,
                                  accumulation mode, float *panel) {
  float copies[BLOCK_ROWS * TILE_COLUMNS] = {0};
  row_list padded = {.count = current->now->b.count};
  for (ptrdiff_t k = 0; k < padded.count; k++) {
    padded.rows[k] = copies + k * TILE_COLUMNS;
    copy_rows(current->now->b.rows[k] + b_first, 0, copies + k * TILE_COLUMNS, 0, 1, columns);
  }
  KIND(transposed_columns)(current, &padded, 0, mode, panel);
}

// panel[height, columns <= 32] = a^T . (columns of b from b_first)
static void KIND(transposed_panel)(block *current, ptrdiff_t b_first, ptrdiff_t columns,
                                   accumulation mode, float *panel) {
  ptrdiff_t j = 0;
  for (; j + TILE_COLUMNS <= columns; j += TILE_COLUMNS)
    KIND(transposed_columns)(current, &current->now->b, b_first + j, mode, panel + j);
  if (j < columns) KIND(transposed_edge)(current, b_first + j, columns - j, mode, panel + j);
}

// Adds the product of the block's rows to the scratch level of their slice and, where that
// completes nodes of the tree, merges levels.
static void KIND(multiply_block)(block *whole, extent e, place p, bool with_sums, float *pairs,
                                 float *scratch) {
  operands storage;
  block ready = KIND(prepare)(whole, &storage, pairs), *current = &ready;
  float *level = scratch + p.waiting * ck_level_floats;
  accumulation mode = {!e.begins, e.ends && p.completes > 0};
  for (ptrdiff_t j = 0; j < current->width; j += ck_panel_columns) {
    ptrdiff_t columns = smaller(current->width - j, ck_panel_columns), offset = j * current->height;
    KIND(transposed_panel)(current, current->b_first + j, columns, mode, level + offset);
    if (mode.merges) add_levels(scratch, p, 1, offset, current->height * ck_panel_columns);
  }
  if (!with_sums) return;
  float *sums = level + SUMS_OFFSET;
  for (int i = 0; e.begins && i < BLOCK_WIDTH; i++) sums[i] = 0;
  add_rows(whole, sums);
  if (mode.merges) add_levels(scratch, p, 0, SUMS_OFFSET, BLOCK_WIDTH);
}

// Computes the sum over all slices in level 0 of the scratch memory.
static void KIND(multiply_slices)(cursor at, block *current, bool with_sums, float *pairs,
                                  float *scratch) {
  operands lists[2];
  extent e = list_block(&at, lists);
  for (int turn = 0;; turn ^= 1) {
    bool is_last = at.slice == at.slices;
    current->now = lists + turn;
    current->next = is_last ? NULL : lists + (turn ^ 1);
    current->prefetches = 0;
    extent next = is_last ? e : list_block(&at, lists + (turn ^ 1));
    KIND(multiply_block)(current, e, place_of(e.slice, at.slices), with_sums, pairs, scratch);
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
      block current = {i, smaller(m - i, BLOCK_HEIGHT), j, smaller(n - j, BLOCK_WIDTH), 0, 0, 0};
      bool with_sums = column_sums && i == 0;
      KIND(multiply_slices)(at, &current, with_sums, pairs, scratch);
      for (ptrdiff_t k = 0; k < current.width; k += ck_panel_columns)
        copy_rows(scratch + k * current.height, ck_panel_columns, c + i * c_stride + j + k,
                  c_stride, current.height, smaller(current.width - k, ck_panel_columns));
      if (with_sums) copy_rows(scratch + SUMS_OFFSET, 0, column_sums + j, 0, 1, current.width);
    }
}
