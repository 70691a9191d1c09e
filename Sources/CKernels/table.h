// Defines every kernel for one variant. The including file defines LANES, TILE_ROWS, TILE_COLUMNS
// and MORE_HEIGHTS (the tile heights above 6) and sets the compilation target.

#include "vector.h"
#include "functions.h"
#include "tile.h"
#include "blocks.h"
#include "float32.h"
#include "bf16.h"
#include "gates.h"
#include "rows.h"
#include "flat.h"
#include "images.h"
#include "bytes.h"

static const ck_table table = {
    .pack = pack,
    .pack_bf16 = pack_bf16,
    .product_bf16 = rounded_product,
    .transposed_product_bf16 = transposed_product_bf16,
    .burn_bf16 = burn_bf16,
    .product = product_f32,
    .copy_rows = copy_rows,
    .transposed_product = transposed_product_f32,
    .gates_forward = gates_forward,
    .gates_backward = gates_backward,
    .softmax = softmax,
    .cross_entropy = cross_entropy,
    .adam = adam,
    .extrapolate = extrapolate,
    .add = add,
    .add_bytes = add_bytes,
    .move_toward = move_toward,
    .sum_of_squares = sum_of_squares,
    .all_finite = all_finite,
    .exp = map_exp,
    .sigmoid = map_sigmoid,
    .tanh = map_tanh,
    .log = map_log,
    .warp = warp,
    .scale_bytes = scale_bytes,
    .burn = burn,
};
