#include "CKernels.h"

// CRC-32C: the reflected polynomial 0x1EDC6F41 of Castagnoli et al. (1993), as iSCSI uses it (RFC 3720).

static uint32_t crc_table[256];

__attribute__((constructor)) static void fill_crc_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
    crc_table[i] = crc;
  }
}

uint32_t ck_crc32c_portable(uint32_t crc, const uint8_t *bytes, size_t count) {
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

__attribute__((target(CRC_TARGET))) static uint32_t crc32c_by_instruction(uint32_t crc,
                                                                          const uint8_t *bytes,
                                                                          size_t count) {
  crc = ~crc;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    __builtin_memcpy(&word, bytes, sizeof word);
    crc = CRC_OF_8(crc, word);
  }
  for (; count > 0; bytes++, count--) crc = CRC_OF_1(crc, *bytes);
  return ~crc;
}

uint32_t ck_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
  return has_instruction() ? crc32c_by_instruction(crc, bytes, count)
                           : ck_crc32c_portable(crc, bytes, count);
}

#else

uint32_t ck_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
  return ck_crc32c_portable(crc, bytes, count);
}

#endif
