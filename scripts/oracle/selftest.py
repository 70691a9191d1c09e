"""Writes the answers of the kernels' self-test, computed in exact arithmetic.

    python3 scripts/oracle/selftest.py > Sources/Numerics/SelfTest/KernelAnswers.swift

It needs only Python. The inputs are those of Sources/Numerics/SelfTest/KernelSelfTest+Cases.swift
and its neighbours, drawn by the same generator of integers. The answers come from kernels.py, which
follows the documented order of operations and rounds fractions of integers (float32.py), and so
from no floating-point unit and from none of the code under test.
"""

import sys

if {"-h", "--help"} & set(sys.argv[1:]):
    print(__doc__)
    sys.exit()

import kernels as k
from float32 import *

USUAL, WIDE, UNIT = (119, 127), (87, 167), (126, 128)


class Draw:
    """Knuth's linear congruential generator (MMIX); its upper words are the random numbers."""

    def __init__(self, seed):
        self.state = seed

    def word(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return self.state >> 32

    def floats(self, count, exponents=USUAL, mask=0x807FFFFF):
        """Floats with biased exponents in a closed range; other bits are those of a masked word."""
        span = exponents[1] - exponents[0] + 1
        return [exponents[0] + (self.word() >> 16) % span << 23 | self.word() & mask
                for _ in range(count)]

    def rows(self, rows, columns, **style):
        return split(self.floats(rows * columns, **style), columns)


def split(values, columns):
    return [values[i:i + columns] for i in range(0, len(values), columns)]


def joined(rows):
    return [x for row in rows for x in row]


CASES = {}


def case(name):
    """Registers a function that returns the words of an answer."""

    def register(function):
        CASES[name] = function
        return function

    return register


# Products


def product(seed, m, inner, n, a, b, start, dot=k.chain):
    draw = Draw(seed)
    a, b, start = draw.rows(m, inner, **a), draw.rows(inner, n, **b), draw.floats(n, **start)
    return joined(k.product(a, b, [start] * m, dot))


def style(exponents, mask=0x807FFFFF):
    return {"exponents": exponents, "mask": mask}


SHORT, TINY = style(UNIT, 0x807FF800), style((60, 66))
PLAIN, RANGE = style(USUAL), style(WIDE)


@case("product/rounding-errors")
def _():
    draw = Draw(1)
    a, b = draw.floats(2), draw.floats(19)
    return joined(k.product([[x, neg(x)] for x in a], [b, b], [[0] * 19] * 2))


@case("product/ties")
def _():
    return product(2, 4, 3, 37, SHORT, SHORT, SHORT)


@case("product/subnormal")
def _():
    return product(3, 4, 3, 37, TINY, TINY, style((0, 2)))


@case("product/magnitudes")
def _():
    return product(4, 3, 500, 35, RANGE, RANGE, RANGE)


@case("product/overflow")
def _():
    large = style((180, 200), 0x7FFFFF)
    return product(5, 2, 4, 33, large, large, large)


HEIGHTS = [1, 2, 3, 4, 5, 8, 13, 19, 23]


@case("product/heights")
def _():
    return joined(product(6, m, 17, 37, PLAIN, PLAIN, PLAIN) for m in HEIGHTS)


def continued(seed, start, dot=k.chain):
    draw = Draw(seed)
    a, w, c = draw.rows(7, 9), draw.rows(45, 12), draw.rows(7, 45, **start)
    return joined(k.product(a, [row[:45] for row in k.columns_of(w)][:9], c, dot))


@case("product/continued")
def _():
    return continued(7, PLAIN)


@case("product-bf16/ties")
def _():
    ties = style(UNIT, 0x807F8000)
    return product(8, 4, 5, 37, ties, ties, SHORT, k.chain_bf16)


@case("product-bf16/subnormal")
def _():
    return product(9, 4, 4, 37, TINY, TINY, style((0, 2)), k.chain_bf16)


@case("product-bf16/magnitudes")
def _():
    return product(10, 3, 301, 35, RANGE, RANGE, RANGE, k.chain_bf16)


@case("product-bf16/heights")
def _():
    return joined(product(11, m, 17, 37, PLAIN, PLAIN, PLAIN, k.chain_bf16) for m in HEIGHTS)


@case("product-bf16/continued")
def _():
    return continued(12, style((0, 2)), k.chain_bf16)


def transposed(seed, steps, rows, m, n, slices, dot):
    draw = Draw(seed)
    a, b = ([draw.rows(rows, width) for _ in range(steps)] for width in (m, n))
    return joined(k.transposed_product(a, b, slices, dot))


THREE = [range(34), range(34, 68), range(68, 101)]


@case("transposed-product/slices")
def _():
    return transposed(13, 3, 101, 13, 37, THREE, k.chain)


@case("transposed-product/blocks")
def _():
    return transposed(14, 1, 3, 195, 131, [range(3)], k.chain)


@case("transposed-product-bf16/slices")
def _():
    return transposed(15, 3, 101, 13, 37, THREE, k.chain_bf16)


@case("transposed-product-bf16/blocks")
def _():
    return transposed(16, 1, 3, 195, 131, [range(3)], k.chain_bf16)


# Functions: limits, values around the points where a result overflows, becomes subnormal or
# saturates, and the ends of the reduced range, with both signs; then values of a whole range.

POINTS = [
    0x00000000, 0x00000001, 0x007FFFFF, 0x00800000, 0x00800001, 0x33800000, 0x39800001, 0x3EB17218,
    0x3EB17219, 0x3F317218, 0x3F3504F3, 0x3F3504F4, 0x3F7FFFFF, 0x3F800000, 0x3F800001, 0x3FB504F3,
    0x41102DE0, 0x41200000, 0x41200001, 0x41851EB8, 0x42AEAC50, 0x42AEAC51, 0x42B17217, 0x42B17218,
    0x42B20000, 0x42CE8ED0, 0x42CFF1B5, 0x42D00000, 0x42D03333, 0x501502F9, 0x7F7FFFFF, 0x7F800000,
]


def function(name, seed, exponents, positive=False):
    def points():
        signs = (0,) if positive else (0, SIGN)
        return [getattr(k, name)(x | sign) for sign in signs for x in POINTS]

    def values():
        mask = 0x7FFFFF if positive else 0x807FFFFF
        return [getattr(k, name)(x) for x in Draw(seed).floats(195, exponents, mask)]

    CASES[name + "/points"], CASES[name + "/range"] = points, values


function("exp", 17, (117, 133))
function("sigmoid", 18, (117, 133))
function("tanh", 19, (110, 130))
function("log", 20, (0, 254), positive=True)


# The LSTM's elementwise part

GATES = style((118, 129))


def forward(seed, rows, units, has_previous):
    draw = Draw(seed)
    z, before = draw.rows(rows, 4 * units, **GATES), draw.rows(rows, units)
    if not has_previous:
        before = [[0] * units] * rows
    parts = [k.gates_forward(*row) for row in zip(z, before)]
    return joined(joined(part[i] for part in parts) for i in range(3))


@case("gates-forward")
def _():
    return forward(21, 2, 67, True)


@case("gates-forward/first-step")
def _():
    return forward(22, 1, 5, False)


@case("gates-backward")
def _():
    draw = Draw(23)
    z = draw.rows(2, 4 * 67, exponents=(120, 126))
    rest = [draw.rows(2, 67) for _ in range(4)]
    parts = [k.gates_backward(*row) for row in zip(z, *rest)]
    return joined(joined(part[i] for part in parts) for i in range(2))


# Logits


@case("softmax")
def _():
    return joined(k.softmax(row) for row in Draw(24).rows(3, 67, exponents=(118, 132)))


@case("cross-entropy")
def _():
    draw = Draw(25)
    rows, labels = draw.rows(5, 10, exponents=(118, 132)), [0, 9, 3, 7, 1]
    parts = [k.cross_entropy(row, label, 0x3CA3D70A) for row, label in zip(rows, labels)]
    total = (0, LEAST)
    for _, loss, _ in parts:
        total = add_doubles(total, (exact(loss), LEAST))
    correct = sum(is_correct for _, _, is_correct in parts)
    return joined(part[0] for part in parts) + words_of_double(*total) + [correct]


# Flat vectors


def adam(seed, gain, bound):
    draw = Draw(seed)
    w, m, g = (draw.floats(71, exponents) for exponents in [(115, 124), (100, 118), WIDE])
    v = draw.floats(71, (80, 110), 0x7FFFFF)
    step = (gain, bound, 0x3A83126F, 0x3F666666, 0x3F7FBE77, 0x322BCC77)
    return joined(zip(*(k.adam(*element, *step) for element in zip(w, m, v, g))))


@case("adam")
def _():
    return adam(26, ONE, INFINITY)


@case("adam/clipped")
def _():
    return adam(27, 0x3E99999A, 0x3DCCCCCD)


@case("extrapolate")
def _():
    draw = Draw(34)
    w, m = draw.floats(71, (115, 124)), draw.floats(69, (100, 118))
    v = draw.floats(69, (80, 110), 0x7FFFFF)
    step = (0x3BE56042, 0x322BCC77)
    return [k.extrapolated(*element, *step) for element in zip(w, m, v)] + w[69:]


@case("add")
def _():
    draw = Draw(28)
    return k.added(*(draw.floats(71, exponents) for exponents in [UNIT, (100, 128)]))


@case("add-bytes")
def _():
    draw = Draw(29)
    return k.added(*(draw.floats(71, (0, 3)) for _ in range(2)))


@case("move-toward")
def _():
    draw = Draw(30)
    return [k.move_toward(y, x, 0x3C23D70A) for y, x in zip(draw.floats(71), draw.floats(71))]


@case("sum-of-squares")
def _():
    return k.sum_of_squares(Draw(31).floats(203, (97, 157)))


@case("all-finite")
def _():
    return [1, 0, 0]


# Images


@case("warp")
def _():
    image = Draw(32).rows(7, 11, mask=0x7FFFFF)
    mapping = [0xBECCCCCD, 0x3F866666, 0x3DCCCCCD, 0x3F19999A, 0xBE19999A, 0x3F733333]
    return joined(k.warp(image, mapping))


@case("scale-bytes")
def _():
    draw = Draw(33)
    rows = split([draw.word() >> 24 for _ in range(3 * 67)], 67)
    return joined([mul(integer(x), 0x3B808081) for x in row]
                  for row in rows + [row[::-1] for row in rows])


# Output

LONGEST = 64  # words of an answer that is not reduced to its hash


def digest(words):
    """The 64-bit FNV-1a hash with words in place of bytes."""
    value = 0xCBF29CE484222325
    for word in words:
        value = (value ^ word) * 0x100000001B3 % (1 << 64)
    return value


def grouped(value, digits):
    text = f"{value:0{digits}x}"
    return "0x" + "_".join(text[i:i + 4] for i in range(0, digits, 4))


def answer(words):
    if len(words) > LONGEST:
        return f".digest({grouped(digest(words), 16)}, count: {len(words)})"
    if len(words) <= 6:
        return f".words([{', '.join(grouped(word, 8) for word in words)}])"
    lines = [", ".join(grouped(word, 8) for word in line) for line in split(words, 6)]
    return ".words([\n      " + ",\n      ".join(lines) + ",\n    ])"


HEADER = """\
/// The answers of the kernels' self-test, computed in exact arithmetic by
/// scripts/oracle/selftest.py, which writes this file.
extension KernelSelfTest {
  static let answers: [String: Answer] = ["""


def main():
    print(HEADER)
    for name, words in CASES.items():
        print(f'    "{name}": {answer(words())},')
    print("  ]\n}")


if __name__ == "__main__":
    main()
