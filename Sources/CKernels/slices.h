// Transposed products of slices, summed along a binary tree: a run of n > 1 slices is the sum of
// its first ceil(n / 2) slices and the others. A block of the result stays in a cache until the
// tree is summed, and only then goes to memory.

// Where a slice stands in the tree: how many complete sums wait to its left, each on a level of the
// scratch memory, and how many nodes the slice completes.
typedef struct {
  ptrdiff_t waiting, completes;
} place;

static place place_of(ptrdiff_t slice, ptrdiff_t slices) {
  place p = {0, 0};
  for (ptrdiff_t first = 0, count = slices; count > 1;) {
    ptrdiff_t left = quotient_up(count, 2);
    bool is_right = slice >= first + left;
    p.waiting += is_right;
    p.completes = is_right ? p.completes + 1 : 0;
    first += is_right ? left : 0;
    count = is_right ? count - left : left;
  }
  return p;
}

// The operands, and how far they have been listed.
typedef struct {
  sequence a, b;
  ptrdiff_t steps, slices;
  const ptrdiff_t *bounds;
  ptrdiff_t slice, block;
} cursor;

INLINE ptrdiff_t rows_of_slice(const cursor *at) {
  return at->steps * (at->bounds[at->slice + 1] - at->bounds[at->slice]);
}

// Whether the next block of rows, now listed, begins a slice and ends one.
typedef struct {
  ptrdiff_t slice;
  bool begins, ends;
} extent;

static extent list_block(cursor *at, operands *list) {
  ptrdiff_t rows = rows_of_slice(at), blocks = quotient_up(rows, BLOCK_ROWS);
  ptrdiff_t first = part(at->block, rows, blocks), end = part(at->block + 1, rows, blocks);
  const ptrdiff_t *bounds = at->bounds + at->slice;
  list_rows(at->a, bounds[0], bounds[1], first, end - first, &list->a);
  list_rows(at->b, bounds[0], bounds[1], first, end - first, &list->b);
  extent e = {at->slice, at->block == 0, at->block == blocks - 1};
  at->block = e.ends ? 0 : at->block + 1;
  at->slice += e.ends;
  return e;
}

static void add(float *restrict y, const float *restrict x, ptrdiff_t count);

// Adds `count` floats of a level to those one level below, for each node that is complete but the
// first `done` of them.
static void add_levels(float *scratch, place p, ptrdiff_t done, ptrdiff_t offset,
                       ptrdiff_t count) {
  float *top = scratch + (p.waiting - done) * ck_level_floats + offset;
  for (ptrdiff_t i = done; i < p.completes; i++, top -= ck_level_floats)
    add(top - ck_level_floats, top, count);
}

// A level of the scratch memory is panels [height, 32] one after the other; behind them, in its
// last row, are the column sums.
enum { SUMS_OFFSET = BLOCK_HEIGHT * BLOCK_WIDTH };
_Static_assert(SUMS_OFFSET + BLOCK_WIDTH == ck_level_floats, "CKernels.h states another size");

static void multiply_block(block *block, extent e, place p, bool with_sums, float *scratch) {
  float *level = scratch + p.waiting * ck_level_floats;
  stage stage = {!e.begins, e.ends && p.completes > 0};
  for (ptrdiff_t j = 0; j < block->width; j += ck_panel_columns) {
    ptrdiff_t columns = smaller(block->width - j, ck_panel_columns), offset = j * block->height;
    transposed_panel(block, block->b_first + j, columns, stage, level + offset);
    if (stage.descend)
      add_levels(scratch, p, 1, offset, block->height * ck_panel_columns);
  }
  if (!with_sums) return;
  float *sums = level + SUMS_OFFSET;
  for (int i = 0; e.begins && i < BLOCK_WIDTH; i++) sums[i] = 0;
  add_rows(block, sums);
  if (stage.descend) add_levels(scratch, p, 0, SUMS_OFFSET, BLOCK_WIDTH);
}

// Level 0 of the scratch memory = the sum over all slices.
static void multiply_slices(cursor at, block *block, bool with_sums, float *scratch) {
  operands lists[2];
  extent e = list_block(&at, lists);
  for (int turn = 0;; turn ^= 1) {
    bool is_last = at.slice == at.slices;
    block->now = lists + turn;
    block->next = is_last ? NULL : lists + (turn ^ 1);
    block->errands = 0;
    extent next = is_last ? e : list_block(&at, lists + (turn ^ 1));
    multiply_block(block, e, place_of(e.slice, at.slices), with_sums, scratch);
    if (is_last) return;
    e = next;
  }
}

static void transposed_product(const float *a, ptrdiff_t a_stride, ptrdiff_t a_step, const float *b,
                               ptrdiff_t b_stride, ptrdiff_t b_step, ptrdiff_t steps,
                               const ptrdiff_t *bounds, ptrdiff_t slices, ptrdiff_t m, ptrdiff_t n,
                               float *c, ptrdiff_t c_stride, float *column_sums, float *scratch) {
  cursor at = {{a, a_stride, a_step}, {b, b_stride, b_step}, steps, slices, bounds, 0, 0};
  for (ptrdiff_t j = 0; j < n; j += BLOCK_WIDTH)
    for (ptrdiff_t i = 0; i < m; i += BLOCK_HEIGHT) {
      block block = {i, smaller(m - i, BLOCK_HEIGHT), j, smaller(n - j, BLOCK_WIDTH), 0, 0, 0};
      bool with_sums = column_sums && i == 0;
      multiply_slices(at, &block, with_sums, scratch);
      for (ptrdiff_t k = 0; k < block.width; k += ck_panel_columns)
        copy_rows(scratch + k * block.height, ck_panel_columns, c + i * c_stride + j + k, c_stride,
                  block.height, smaller(block.width - k, ck_panel_columns));
      if (with_sums) copy_rows(scratch + SUMS_OFFSET, 0, column_sums + j, 0, 1, block.width);
    }
}
