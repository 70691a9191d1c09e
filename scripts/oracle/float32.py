"""Arithmetic on float32 in integers, for hosts whose floating-point unit is under test.

A float is its bit pattern. Every operation computes the exact result as a fraction of integers and
rounds it once: to nearest, ties to even, subnormal numbers included. No NaN occurs.
"""

import math

SIGN, INFINITY, ONE = 0x80000000, 0x7F800000, 0x3F800000
LEAST = -149  # the exponent of the least subnormal number


def exact(bits):
    """The integer n with value = n 2^-149."""
    exponent, fraction = bits >> 23 & 0xFF, bits & 0x7FFFFF
    assert exponent < 255, "not finite"
    size = fraction if exponent == 0 else (fraction | 0x800000) << (exponent - 1)
    return -size if bits & SIGN else size


def nearest(numerator, denominator):
    """The integer nearest to a fraction, ties to even."""
    quotient, rest = divmod(numerator, denominator)
    return quotient + (2 * rest > denominator or (2 * rest == denominator and quotient & 1))


def round_to(digits, least, numerator, denominator, exponent):
    """(n, e) with n 2^e = numerator / denominator 2^exponent, rounded to `digits` bits, e >= least.

    The numerator must not be negative.
    """
    if numerator == 0:
        return 0, least
    size = numerator.bit_length() - denominator.bit_length() + exponent  # within one of log2
    for e in (size - digits, size - digits + 1):
        e = max(e, least)
        shift = exponent - e
        n = nearest(numerator << max(shift, 0), denominator << max(-shift, 0))
        if n <= 1 << digits:
            return n, e
    raise AssertionError("unreachable")


def packed(numerator, exponent, zero=0, denominator=1):
    """The float nearest to numerator / denominator 2^exponent; `zero` if that is exactly 0."""
    if numerator == 0:
        return zero
    sign = SIGN if numerator < 0 else 0
    n, e = round_to(24, LEAST, abs(numerator), denominator, exponent)
    if n == 0:
        return sign
    if n == 1 << 24:
        n, e = n >> 1, e + 1
    if n < 1 << 23:
        return sign | n
    return sign | min((e - LEAST + 1 << 23) + n - (1 << 23), INFINITY)


def is_finite(*values):
    return all(x & INFINITY != INFINITY for x in values)


def neg(a):
    return a ^ SIGN


def mul(a, b):
    sign = (a ^ b) & SIGN
    if not is_finite(a, b):
        return sign | INFINITY
    return packed(exact(a) * exact(b), 2 * LEAST, zero=sign)


def add(a, b):
    if not is_finite(a):
        return a
    if not is_finite(b):
        return b
    return packed(exact(a) + exact(b), LEAST, zero=a & b & SIGN)


def sub(a, b):
    return add(a, neg(b))


def fma(a, b, c):
    sign = (a ^ b) & SIGN
    if not is_finite(a, b):
        return sign | INFINITY
    if not is_finite(c):
        return c
    return packed(exact(a) * exact(b) + (exact(c) << -LEAST), 2 * LEAST, zero=sign & c)


def div(a, b):
    sign = (a ^ b) & SIGN
    if not is_finite(b):
        return sign
    if not is_finite(a):
        return a ^ (b & SIGN)
    numerator, denominator = exact(a), abs(exact(b))
    return packed(-numerator if b & SIGN else numerator, 0, sign, denominator)


def sqrt(a):
    """The square root: the integer root, with enough bits and a last bit for the remainder."""
    if a == 0:
        return 0
    value = exact(a) << 64 + 1  # 1 makes the exponent of the value, -149 - 65, even
    root = math.isqrt(value)
    return packed(2 * root + (root * root != value), (LEAST - 65) // 2 - 1)


def less(a, b):
    """Whether a < b, infinities included."""
    key = [-(x ^ SIGN) if x & SIGN else x for x in (a, b)]
    return key[0] < key[1]


def number(text):
    """The float nearest to a decimal or hexadecimal literal."""
    numerator, denominator = (
        float.fromhex(text) if "0x" in text else float(text)
    ).as_integer_ratio()
    return packed(numerator, 0, 0, denominator)


def integer(value):
    return packed(value, 0)


def words_of_double(numerator, exponent):
    """The two words, the upper first, of the double numerator 2^exponent, which must be exact."""
    n, e = round_to(53, -1074, abs(numerator), 1, exponent)
    assert n << max(e - exponent, 0) == abs(numerator) << max(exponent - e, 0)
    bits = 0
    if n:
        shift = 53 - n.bit_length()
        n, e = n << shift, e - shift
        bits = (e + 1075 << 52) + n - (1 << 52)
    bits |= (numerator < 0) << 63
    return [bits >> 32, bits & 0xFFFFFFFF]


def add_doubles(a, b):
    """The sum of two doubles, given as (n, e) with value n 2^e, rounded once."""
    exponent = min(a[1], b[1])
    total = (a[0] << a[1] - exponent) + (b[0] << b[1] - exponent)
    n, e = round_to(53, -1074, abs(total), 1, exponent)
    return (-n if total < 0 else n), e


# bfloat16 in the upper half of a float: subnormal numbers are zero.


def flush(a):
    return a if a & INFINITY else a & SIGN


def to_bfloat16(a):
    if not is_finite(a):
        return a
    a = flush(a)
    return (a + 0x7FFF + (a >> 16 & 1)) & 0xFFFF0000


def flushed_fma(a, b, c):
    """a b + c rounded with an unbounded exponent, then zero below the least normal number."""
    if not is_finite(a, b, c):
        return fma(a, b, c)
    total = exact(a) * exact(b) + (exact(c) << -LEAST)
    if total == 0:
        return (a ^ b) & SIGN & c
    n, e = round_to(24, -400, abs(total), 1, 2 * LEAST)
    if n == 1 << 24:
        n, e = n >> 1, e + 1
    if n.bit_length() + e <= -126:
        return SIGN if total < 0 else 0
    return packed(total, 2 * LEAST)
