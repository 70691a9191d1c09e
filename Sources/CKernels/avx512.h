// Parameters shared by both AVX-512 variants.

#define LANES 64
#define TILE_ROWS 12
#define TILE_COLUMNS 32
#define MORE_HEIGHTS(HEIGHT) \
  HEIGHT(7) HEIGHT(8) HEIGHT(9) HEIGHT(10) HEIGHT(11) HEIGHT(12)

// The variant with the bfloat16 instruction; null where the processor lacks it.
const ck_table *ck_avx512bf16(void);
