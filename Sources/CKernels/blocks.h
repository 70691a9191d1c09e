// Building blocks of transposed products.

// The same rows of successive steps.
typedef struct {
  const float *values;
  ptrdiff_t stride, step;
} sequence;

// The number of rows processed at a time, chosen so that a level-2 cache holds both operands twice;
// the number of columns of a and of b whose product is computed at a time; the floats of a cache
// line.
enum { BLOCK_ROWS = 224, BLOCK_HEIGHT = 192, BLOCK_WIDTH = 128, LINE = 16 };

typedef struct {
  const float *rows[BLOCK_ROWS];
  ptrdiff_t count;
} row_list;

// Lists `count` rows in the order (step, row), starting with row number `first` of that order,
// where each step has the rows begin ..< end. The rest of the list repeats the first row.
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

// One block of the result: columns a_first ..< a_first + height of a times columns
// b_first ..< b_first + width of b, over the rows `now`. `next` lists the rows that follow, and
// `prefetches` counts the prefetches issued for them.
typedef struct {
  ptrdiff_t a_first, height, b_first, width;
  const operands *now, *next;
  ptrdiff_t prefetches;
} block;

// A prefetch of one cache line, at `column`, of each of the rows that follow; none if rows is null.
typedef struct {
  const float *const *rows;
  ptrdiff_t column;
} prefetch;

// Returns the prefetch of the next tile: the cache lines of b come first, then those of a; none
// once all lines have been prefetched.
INLINE prefetch next_prefetch(block *current) {
  ptrdiff_t column = current->prefetches++ * LINE;
  if (!current->next) return (prefetch){0};
  if (column < current->width)
    return (prefetch){current->next->b.rows, current->b_first + column};
  column -= quotient_up(current->width, LINE) * LINE;
  if (column < current->height)
    return (prefetch){current->next->a.rows, current->a_first + column};
  return (prefetch){0};
}

// Whether a tile continues the sums of an earlier block, and whether its sums are complete and are
// merged into those one level below in the scratch memory.
typedef struct {
  bool continues, merges;
} accumulation;

// sums[width] += the rows of b
static void add_rows(const block *current, float *sums) {
  const row_list *b = &current->now->b;
  if (current->width < BLOCK_WIDTH) {
    for (ptrdiff_t k = 0; k < b->count; k++)
      for (ptrdiff_t i = 0; i < current->width; i++) sums[i] += b->rows[k][current->b_first + i];
    return;
  }
  float total[BLOCK_WIDTH];
  __builtin_memcpy(total, sums, sizeof total);
  for (ptrdiff_t k = 0; k < b->count; k++) {
    const float *row = b->rows[k] + current->b_first;
    for (int i = 0; i < BLOCK_WIDTH; i++) total[i] += row[i];
  }
  __builtin_memcpy(sums, total, sizeof total);
}

// The place of a slice in the tree: the number of complete sums to its left that wait to be merged,
// each on one level of the scratch memory, and the number of nodes that the slice completes.
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

// The operands and the position up to which their rows have been listed.
typedef struct {
  sequence a, b;
  ptrdiff_t steps, slices;
  const ptrdiff_t *bounds;
  ptrdiff_t slice, block;
} cursor;

INLINE ptrdiff_t rows_of_slice(const cursor *at) {
  return at->steps * (at->bounds[at->slice + 1] - at->bounds[at->slice]);
}

// The slice that a listed block of rows belongs to, and whether the block begins or ends it.
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

// Adds `count` floats of a level to those one level below, once for each completed node except the
// first `done`, which have been added already.
static void add_levels(float *scratch, place p, ptrdiff_t done, ptrdiff_t offset,
                       ptrdiff_t count) {
  float *top = scratch + (p.waiting - done) * ck_level_floats + offset;
  for (ptrdiff_t i = done; i < p.completes; i++, top -= ck_level_floats)
    add(top - ck_level_floats, top, count);
}

// A level of the scratch memory holds successive panels [height, 32], followed by the column sums
// in its last row.
enum { SUMS_OFFSET = BLOCK_HEIGHT * BLOCK_WIDTH };
_Static_assert(SUMS_OFFSET + BLOCK_WIDTH == ck_level_floats,
               "ck_level_floats does not match the block size");

// The number of levels of scratch memory needed for `slices` slices.
INLINE ptrdiff_t slice_levels(ptrdiff_t slices) {
  ptrdiff_t levels = 1;
  while (slices > 1) slices = quotient_up(slices, 2), levels++;
  return levels;
}
