// 128-bit vectors of the architecture's baseline: NEON on arm64, SSE2 on x86-64.

#include "CKernels.h"

#if defined(__x86_64__) && !defined(__FMA__)
#define SOFTWARE_FMA
#endif

#define LANES 16  // must equal TILE_COLUMNS with SOFTWARE_FMA
#define TILE_ROWS 6
#define TILE_COLUMNS 16
#define MORE_HEIGHTS(HEIGHT)
#include "table.h"

const ck_table *ck_plain(void) { return &table; }
