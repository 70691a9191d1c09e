"""The kernels of Sources/CKernels/include/CKernels.h, element by element, in exact arithmetic.

Matrices are lists of rows of bit patterns; see float32.py.
"""

from float32 import *


def constants(*texts):
    return [number(text) for text in texts]


# exp, sigmoid, tanh and log: the polynomials of functions.h

EXP = constants("0x1.6a23cep-10", "0x1.123a2p-7", "0x1.5558f2p-5", "0x1.555492p-3",
                "0x1.fffffcp-2")
LOG = constants("7.0376836292e-2", "-1.1514610310e-1", "1.1676998740e-1", "-1.2420140846e-1",
                "1.4249322787e-1", "-1.6668057665e-1", "2.0000714765e-1", "-2.4999993993e-1",
                "3.3333331174e-1")
MAGIC, LOG2_E, LN2, LN2_REST = constants("0x1.8p23", "0x1.715476p0", "-0x1.62e43p-1",
                                         "0x1.05c61p-29")
TWO, HALF, TEN, MINUS_ONE = constants("2", "0.5", "10", "-1")


def signed(word):
    return (word & 0x7FFFFFFF) - (word & SIGN)


def power_of_two(n):
    return (n + 127 << 23) & 0xFFFFFFFF


def horner(coefficients, x):
    q = coefficients[0]
    for c in coefficients[1:]:
        q = fma(q, x, c)
    return q


def reduced(x, precisely=True):
    t = fma(x, LOG2_E, MAGIC)
    n = sub(t, MAGIC)
    r = fma(n, LN2, x)
    return (fma(n, LN2_REST, r) if precisely else r), t - 0x4B400000


def exp_minus_one(r):
    return fma(mul(r, r), horner(EXP, r), r)


def limited(x, low, high):
    x = low if less(x, low) else x
    return high if less(high, x) else x


def exp(x):
    r, n = reduced(limited(x, number("-104"), number("89")))
    p = add(exp_minus_one(r), ONE)
    return mul(mul(p, power_of_two(n >> 1)), power_of_two(n - (n >> 1)))


def exp_negative(x):
    r, n = reduced(limited(x, number("-104"), INFINITY))
    p = add(exp_minus_one(r), ONE)
    return mul(mul(p, power_of_two(n + 24)), number("0x1p-24"))


def sigmoid(x):
    e = exp_negative(x | SIGN)
    return div(e if less(x, 0) else ONE, add(e, ONE))


def tanh(x):
    r, n = reduced(mul(limited(x & ~SIGN, 0, TEN), number("-2")), precisely=False)
    power = power_of_two(n)
    m = fma(power, exp_minus_one(r), sub(power, ONE))
    return div(m, add(m, TWO)) & ~SIGN | x & SIGN


def log(x):
    if x == INFINITY:
        return x
    if x & ~SIGN == 0:
        return SIGN | INFINITY
    small = less(x, number("0x1p-126"))
    scaled = mul(x, number("0x1p23")) if small else x
    n = signed(scaled - 0x3F3504F3 & 0xFFFFFFFF) >> 23
    f = sub((scaled - (n << 23)) & 0xFFFFFFFF, ONE)
    exponent = integer(n - (23 if small else 0))
    square = mul(f, f)
    y = fma(mul(f, square), horner(LOG, f), mul(exponent, number("-2.12194440e-4")))
    y = add(fma(square, number("-0.5"), y), f)
    return fma(exponent, number("0.693359375"), y)


# Products


def chain(a, b, start):
    for x, y in zip(a, b):
        start = fma(x, y, start)
    return start


def chain_bf16(a, b, start):
    a, b = ([to_bfloat16(x) for x in list(v) + [0] * (len(v) % 2)] for v in (a, b))
    total = flush(start)
    for even in range(0, len(a), 2):
        for k in even + 1, even:
            total = flushed_fma(a[k], b[k], total)
    return total


def columns_of(matrix):
    return [list(column) for column in zip(*matrix)]


def product(a, b, start, dot=chain):
    """start + a . b, with one row of start values for each row."""
    columns = columns_of(b)
    return [[dot(row, column, s) for column, s in zip(columns, first)]
            for row, first in zip(a, start)]


def tree_sum(parts, plus):
    """The sum of the first ceil(n / 2) parts plus the sum of the rest."""
    if len(parts) == 1:
        return parts[0]
    half = (len(parts) + 1) // 2
    return plus(tree_sum(parts[:half], plus), tree_sum(parts[half:], plus))


def transposed_product(a, b, slices, dot=chain):
    """The sum over slices of a^T . b for series a[step][row], and the sums of the columns of b."""

    def columns(series, rows):
        return columns_of([step[row] for step in series for row in rows])

    def total(values):
        result = 0
        for value in values:
            result = add(result, value)
        return result

    elements, sums = [], []
    for rows in slices:
        pairs = [(x, y) for x in columns(a, rows) for y in columns(b, rows)]
        elements.append([dot(x, y, 0) for x, y in pairs])
        sums.append([total(column) for column in columns(b, rows)])
    return [tree_sum(parts, added) for parts in (elements, sums)]


def added(x, y):
    return [add(a, b) for a, b in zip(x, y)]


# The elementwise part of an LSTM step


def gates_forward(z, before):
    """One row [4 units] of pre-activations: the activations, c and h."""
    units = len(before)
    i, j, f, o = (z[k * units:(k + 1) * units] for k in range(4))
    i, j, o = [sigmoid(x) for x in i], [tanh(x) for x in j], [sigmoid(x) for x in o]
    f = [sigmoid(add(x, ONE)) for x in f]
    c = [fma(b, f_, mul(i_, j_)) for b, f_, i_, j_ in zip(before, f, i, j)]
    return i + j + f + o, c, [mul(o_, tanh(c_)) for o_, c_ in zip(o, c)]


def gates_backward(z, before, c, dh, dc):
    """One row of activations: the gradients of the pre-activations, and of the previous c."""
    units = len(before)
    i, j, f, o = (z[k * units:(k + 1) * units] for k in range(4))

    def through_sigmoid(x, gate):
        return mul(mul(x, gate), sub(ONE, gate))

    def through_tanh(x, value):
        return mul(x, fma(neg(value), value, ONE))

    squashed = [tanh(x) for x in c]
    state = [add(through_tanh(mul(d, o_), s), e) for d, o_, s, e in zip(dh, o, squashed, dc)]
    gradients = [
        [through_sigmoid(mul(d, j_), i_) for d, j_, i_ in zip(state, j, i)],
        [through_tanh(mul(d, i_), j_) for d, i_, j_ in zip(state, i, j)],
        [through_sigmoid(mul(d, b), f_) for d, b, f_ in zip(state, before, f)],
        [through_sigmoid(mul(d, s), o_) for d, s, o_ in zip(dh, squashed, o)],
    ]
    return sum(gradients, []), [mul(d, f_) for d, f_ in zip(state, f)]


# Rows of logits


def shifted_exp(row):
    greatest = row[0]
    for x in row:
        greatest = x if less(greatest, x) else greatest
    powers = [exp(sub(x, greatest)) for x in row]
    total = 0
    for x in powers:
        total = add(total, x)
    return greatest, powers, total


def softmax(row):
    _, powers, total = shifted_exp(row)
    return [div(x, total) for x in powers]


def cross_entropy(row, label, scale):
    """The gradient of a row, its loss, and whether it is correct."""
    greatest, powers, total = shifted_exp(row)
    loss = add(log(total), sub(greatest, row[label]))
    gradient = [mul(sub(div(x, total), ONE if i == label else 0), scale)
                for i, x in enumerate(powers)]
    return gradient, loss, row.index(greatest) == label


# Flat vectors


def adam(w, m, v, g, gain, bound, alpha, beta1, beta2, epsilon):
    x = limited(mul(g, gain), neg(bound), bound)
    m = fma(sub(x, m), sub(ONE, beta1), m)
    v = fma(sub(mul(x, x), v), sub(ONE, beta2), v)
    return extrapolated(w, m, v, alpha, epsilon), m, v


def extrapolated(w, m, v, alpha, epsilon):
    return sub(w, div(mul(alpha, m), add(sqrt(v), epsilon)))


def move_toward(y, x, rate):
    return fma(sub(x, y), rate, y)


def sum_of_squares(values):
    """Squares added to 32 interleaved sums, which are then added by halves: words of a double."""
    sums = [(0, 0)] * 32
    for i, x in enumerate(values):
        sums[i % 32] = add_doubles(sums[i % 32], (exact(x) ** 2, 2 * LEAST))
    while len(sums) > 1:
        half = len(sums) // 2
        sums = [add_doubles(x, y) for x, y in zip(sums[:half], sums[half:])]
    return words_of_double(*sums[0])


# Images


def warp(image, mapping):
    """`image` as rows; `mapping` as in CKernels.h."""
    height, width = len(image), len(image[0])
    empty = [0] * (width + 3)
    framed = [empty] + [[0] + row + [0, 0] for row in image] + [empty, empty]

    def within(x, last):
        return limited(x if less(0, x) else 0, 0, integer(last))

    def between(start, end, part):
        return add(start, mul(part, sub(end, start)))

    def pixel(x, y):
        column, row = exact(x) >> -LEAST, exact(y) >> -LEAST
        right, down = sub(x, integer(column)), sub(y, integer(row))
        above, below = (between(line[column], line[column + 1], right)
                        for line in (framed[row], framed[row + 1]))
        return between(above, below, down)

    def coordinate(start, along, across, r, c, last):
        first = add(add(start, mul(across, integer(r))), ONE)
        return within(add(first, mul(along, integer(c))), last)

    x0, xc, xr, y0, yc, yr = mapping
    return [[pixel(coordinate(x0, xc, xr, r, c, width + 1),
                   coordinate(y0, yc, yr, r, c, height + 1)) for c in range(width)]
            for r in range(height)]
