// What the products of transposed matrices are made with.

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
  ptrdiff_t pairs = quotient_up(rows, 2), first = 2 * part(at->block, pairs, blocks);
  ptrdiff_t end = smaller(2 * part(at->block + 1, pairs, blocks), rows);
  const ptrdiff_t *bounds = at->bounds + at->slice;
  list_rows(at->a, bounds[0], bounds[1], first, end - first, &list->a);
  list_rows(at->b, bounds[0], bounds[1], first, end - first, &list->b);
  extent e = {at->slice, at->block == 0, at->block == blocks - 1};
  at->block = e.ends ? 0 : at->block + 1;
  at->slice += e.ends;
  return e;
}

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

// The levels that the sums over some slices need.
INLINE ptrdiff_t slice_levels(ptrdiff_t slices) {
  ptrdiff_t levels = 1;
  while (slices > 1) slices = quotient_up(slices, 2), levels++;
  return levels;
}
