#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// CRC-32C (Castagnoli) of `count` bytes, continuing from `crc` (0 at the start).
typedef uint32_t cc_crc32c_function(uint32_t crc, const uint8_t *bytes, size_t count);

// CRC-32C by the fastest implementation that the processor supports, selected at load time.
uint32_t cc_crc32c(uint32_t crc, const uint8_t *bytes, size_t count);

// The implementations: carry-less multiplication of 512-bit vectors (x86-64 with AVX-512 F and
// VPCLMULQDQ), the processor's CRC instruction, and a lookup table. The first two are null where
// the processor or architecture lacks support.
cc_crc32c_function *_Nullable cc_crc32c_folding(void);
cc_crc32c_function *_Nullable cc_crc32c_instruction(void);
uint32_t cc_crc32c_portable(uint32_t crc, const uint8_t *bytes, size_t count);

#pragma clang assume_nonnull end
