#include "CChecksum.h"

// CRC-32C: the reflected polynomial 0x1EDC6F41 of Castagnoli et al. (1993), as used by iSCSI (RFC
// 3720).

static uint32_t crc_table[256];

// The effect of STREAM_BYTES zero bytes on the CRC register. It is a linear map, stored as one
// table for each byte of the register.
enum { STREAM_BITS = 12, STREAM_BYTES = 1 << STREAM_BITS };
static uint32_t zeros_table[4][256];

static uint32_t product_over_gf2(const uint32_t matrix[32], uint32_t vector) {
  uint32_t sum = 0;
  for (int i = 0; i < 32; i++) sum ^= vector >> i & 1 ? matrix[i] : 0;
  return sum;
}

// Computes the map of one zero byte and squares it until it is the map of STREAM_BYTES.
static void fill_zeros_table(void) {
  uint32_t map[32], square[32];
  for (int i = 0; i < 32; i++) map[i] = (1u << i >> 8) ^ crc_table[1u << i & 0xff];
  for (int n = 0; n < STREAM_BITS; n++) {
    for (int i = 0; i < 32; i++) square[i] = product_over_gf2(map, map[i]);
    __builtin_memcpy(map, square, sizeof map);
  }
  for (int byte = 0; byte < 4; byte++)
    for (uint32_t i = 0; i < 256; i++)
      zeros_table[byte][i] = product_over_gf2(map, i << 8 * byte);
}

// Multiplies by x modulo P. A CRC register stores the highest power in its lowest bit.
static uint32_t times_x(uint32_t crc) { return (crc >> 1) ^ (crc & 1 ? 0x82f63b78 : 0); }

static void fill_crc_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; bit++) crc = times_x(crc);
    crc_table[i] = crc;
  }
}

uint32_t cc_crc32c_portable(uint32_t crc, const uint8_t *bytes, size_t count) {
  crc = ~crc;
  for (size_t i = 0; i < count; i++) crc = (crc >> 8) ^ crc_table[(crc ^ bytes[i]) & 0xff];
  return ~crc;
}

#if defined(__x86_64__)

#define CRC_TARGET "sse4.2"
#define CRC_OF_8(crc, word) (uint32_t)__builtin_ia32_crc32di(crc, word)
#define CRC_OF_1(crc, byte) __builtin_ia32_crc32qi(crc, byte)

static bool has_instruction(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse4.2");
}

#elif defined(__aarch64__) && (defined(__linux__) || defined(__APPLE__))

#define CRC_TARGET "crc"
#define CRC_OF_8(crc, word) __builtin_arm_crc32cd(crc, word)
#define CRC_OF_1(crc, byte) __builtin_arm_crc32cb(crc, byte)

#if defined(__linux__)
#include <sys/auxv.h>
static bool has_instruction(void) { return getauxval(AT_HWCAP) & (1 << 7); }  // HWCAP_CRC32
#else
static bool has_instruction(void) { return true; }
#endif

#endif

#if defined(CRC_TARGET)

static uint32_t over_zeros(uint32_t crc) {
  return zeros_table[0][crc & 0xff] ^ zeros_table[1][crc >> 8 & 0xff] ^
         zeros_table[2][crc >> 16 & 0xff] ^ zeros_table[3][crc >> 24];
}

static inline uint64_t word_at(const uint8_t *bytes) {
  uint64_t word;
  __builtin_memcpy(&word, bytes, sizeof word);
  return word;
}

// The CRC instruction has a latency of three cycles and a throughput of one per cycle, so three
// streams run in parallel.
__attribute__((target(CRC_TARGET))) static uint32_t three_streams(uint32_t crc,
                                                                  const uint8_t *bytes) {
  uint32_t second = 0, third = 0;
  for (int i = 0; i < STREAM_BYTES; i += 8, bytes += 8) {
    crc = CRC_OF_8(crc, word_at(bytes));
    second = CRC_OF_8(second, word_at(bytes + STREAM_BYTES));
    third = CRC_OF_8(third, word_at(bytes + 2 * STREAM_BYTES));
  }
  return over_zeros(over_zeros(crc) ^ second) ^ third;
}

__attribute__((target(CRC_TARGET))) static uint32_t by_instruction(uint32_t crc,
                                                                   const uint8_t *bytes,
                                                                   size_t count) {
  for (; count >= 3 * STREAM_BYTES; bytes += 3 * STREAM_BYTES, count -= 3 * STREAM_BYTES)
    crc = three_streams(crc, bytes);
  for (; count >= 8; bytes += 8, count -= 8) crc = CRC_OF_8(crc, word_at(bytes));
  for (; count > 0; bytes++, count--) crc = CRC_OF_1(crc, *bytes);
  return crc;
}

static uint32_t crc32c_by_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
  return ~by_instruction(~crc, bytes, count);
}

cc_crc32c_function *cc_crc32c_instruction(void) {
  return has_instruction() ? crc32c_by_instruction : NULL;
}

#else

cc_crc32c_function *cc_crc32c_instruction(void) { return NULL; }

#endif

#if defined(__x86_64__)

#include "crc32c_fold.h"

cc_crc32c_function *cc_crc32c_folding(void) {
  __builtin_cpu_init();
  bool supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("vpclmulqdq") &&
                   __builtin_cpu_supports("pclmul") && has_instruction();
  return supported ? crc32c_by_folding : NULL;
}

#else

static void fill_fold_powers(void) {}

cc_crc32c_function *cc_crc32c_folding(void) { return NULL; }

#endif

static cc_crc32c_function *fastest;

__attribute__((constructor)) static void prepare(void) {
  fill_crc_table();
  fill_zeros_table();
  fill_fold_powers();
  fastest = cc_crc32c_folding();
  if (!fastest) fastest = cc_crc32c_instruction();
  if (!fastest) fastest = cc_crc32c_portable;
}

uint32_t cc_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
  return fastest(crc, bytes, count);
}
