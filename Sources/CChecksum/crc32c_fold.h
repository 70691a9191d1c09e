// CRC-32C of long messages by carry-less multiplication, after V. Gopal et al., "Fast CRC
// Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009).
//
// A message is a polynomial over GF(2) whose first bit is the highest power; its CRC depends only
// on the remainder modulo P. For a lane of 16 bytes with first half a and second half b, followed
// by n more bits,
//
//   (a x^64 + b) x^n = a (x^(n + 64) mod P) + b (x^n mod P)  modulo P
//
// so the lane can be removed from the message and the right side, which fits into a lane, added to
// the lane n bits further on. The lanes of a register are independent and are folded together.

#include <immintrin.h>

enum { REGISTER_BYTES = 64, BLOCK_BYTES = 4 * REGISTER_BYTES };

// The pairs of powers of x that fold a lane over one register and over one block.
static uint64_t over_register[2], over_block[2];

// x^n mod P as half a lane. Bit i represents x^(63 - i), so the remainder, in the bit order of a
// CRC register, is the upper part.
static uint64_t power_of_x(int n) {
  uint32_t power = 0x80000000;
  for (int i = 0; i < n; i++) power = times_x(power);
  return (uint64_t)power << 32;
}

// Bit i of a product represents x^(126 - i), and bit i of a lane x^(127 - i). Reading a product as
// a lane multiplies it by x, so the powers are one less.
static void fill_powers(uint64_t powers[2], int bytes) {
  powers[0] = power_of_x(8 * bytes + 64 - 1);
  powers[1] = power_of_x(8 * bytes - 1);
}

static void fill_fold_powers(void) {
  fill_powers(over_register, REGISTER_BYTES);
  fill_powers(over_block, BLOCK_BYTES);
}

#pragma clang attribute push( \
    __attribute__((target("avx512f,vpclmulqdq,pclmul,sse4.2"))), apply_to = function)

static inline __m512i register_at(const uint8_t *bytes) { return _mm512_loadu_si512(bytes); }

static inline __m512i in_each_lane(const uint64_t powers[2]) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)powers));
}

static inline __m512i folded(__m512i x, __m512i powers, __m512i onto) {
  __m512i first = _mm512_clmulepi64_epi128(x, powers, 0x00);
  __m512i second = _mm512_clmulepi64_epi128(x, powers, 0x11);
  return first ^ second ^ onto;
}

// The remainder of one register, computed by the CRC instruction as that of a 64-byte message.
static uint32_t remainder_of(__m512i sum) {
  uint8_t bytes[REGISTER_BYTES];
  _mm512_storeu_si512(bytes, sum);
  return by_instruction(0, bytes, sizeof bytes);
}

// A multiplication has a latency of several cycles but is pipelined, so four independent chains run
// in parallel. The CRC instruction processes the bytes left after the last full register.
static uint32_t crc32c_by_folding(uint32_t crc, const uint8_t *bytes, size_t count) {
  if (count < BLOCK_BYTES) return crc32c_by_instruction(crc, bytes, count);
  const uint8_t *end = bytes + count;
  __m512i powers = in_each_lane(over_block), sums[4];
  for (int i = 0; i < 4; i++) sums[i] = register_at(bytes + i * REGISTER_BYTES);
  sums[0] ^= _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)~crc));
  for (bytes += BLOCK_BYTES; end - bytes >= BLOCK_BYTES; bytes += BLOCK_BYTES)
    for (int i = 0; i < 4; i++)
      sums[i] = folded(sums[i], powers, register_at(bytes + i * REGISTER_BYTES));
  powers = in_each_lane(over_register);
  __m512i sum = sums[0];
  for (int i = 1; i < 4; i++) sum = folded(sum, powers, sums[i]);
  for (; end - bytes >= REGISTER_BYTES; bytes += REGISTER_BYTES)
    sum = folded(sum, powers, register_at(bytes));
  return ~by_instruction(remainder_of(sum), bytes, (size_t)(end - bytes));
}

#pragma clang attribute pop
