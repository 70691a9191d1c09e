/// Products: cancellation, ties, subnormal results, many magnitudes, every height of a tile.
extension KernelSelfTest {
  /// The exponents and the random bits of floats.
  private struct Style: Sendable {
    let exponents: ClosedRange<UInt32>
    var mask = KernelInputs.signed
  }

  private static let usual = Style(exponents: KernelInputs.usual)
  private static let wide = Style(exponents: KernelInputs.wide)
  private static let short = Style(exponents: KernelInputs.unit, mask: KernelInputs.short)
  /// Products of two such floats are subnormal or nearly so.
  private static let tiny = Style(exponents: 60...66)
  private static let subnormal = Style(exponents: 0...2)
  /// Sums of products of two such floats exceed the range.
  private static let large = Style(exponents: 180...200, mask: KernelInputs.positive)
  /// Half of such floats are midway between two bfloat16 values.
  private static let midway = Style(exponents: KernelInputs.unit, mask: 0x807F_8000)

  static let products = [
    Case("product/rounding-errors", roundingErrors),
    Case("product/ties") { product($0, 2, [4], 3, 37, short, short, short) },
    Case("product/subnormal") { product($0, 3, [4], 3, 37, tiny, tiny, subnormal) },
    Case("product/magnitudes") { product($0, 4, [3], 500, 35, wide, wide, wide) },
    Case("product/overflow") { product($0, 5, [2], 4, 33, large, large, large) },
    Case("product/heights") { product($0, 6, heights, 17, 37, usual, usual, usual) },
    Case("product/continued") { continued($0, 7, usual) },
  ]

  static let roundedProducts = [
    Case("product-bf16/ties") { product($0, 8, [4], 5, 37, midway, midway, short, .bfloat16) },
    Case("product-bf16/subnormal") {
      product($0, 9, [4], 4, 37, tiny, tiny, subnormal, .bfloat16)
    },
    Case("product-bf16/magnitudes") { product($0, 10, [3], 301, 35, wide, wide, wide, .bfloat16) },
    Case("product-bf16/heights") {
      product($0, 11, heights, 17, 37, usual, usual, usual, .bfloat16)
    },
    Case("product-bf16/continued") { continued($0, 12, subnormal, .bfloat16) },
  ]

  static let transposedProducts = [
    Case("transposed-product/slices") { transposed($0, 13, 3, 101, 13, 37, slices) },
    Case("transposed-product/blocks") { transposed($0, 14, 1, 3, 195, 131, [0..<3]) },
    Case("transposed-product-bf16/slices") {
      transposed($0, 15, 3, 101, 13, 37, slices, .bfloat16)
    },
    Case("transposed-product-bf16/blocks") {
      transposed($0, 16, 1, 3, 195, 131, [0..<3], .bfloat16)
    },
  ]

  /// Numbers of rows that are divided into tiles of every height from 1 to 12.
  private static let heights = [1, 2, 3, 4, 5, 8, 13, 19, 23]
  private static let slices = [0..<34, 34..<68, 68..<101]

  /// x · y − x · y: zero if each product is rounded before it is added, otherwise the error of the
  /// first rounding.
  private static func roundingErrors(_ kernels: Kernels) -> [UInt32] {
    var inputs = KernelInputs(seed: 1)
    let (x, y) = (inputs.floats(2), inputs.floats(19))
    let packed = PackedMatrix(rows: 2, columns: 19)
    kernels.pack(y + y, at: 0, rows: 2, columns: 19, into: packed)
    let result = MatrixView(rows: 2, columns: 19)
    kernels.multiply(
      MatrixView(x.flatMap { [$0, -$0] }, rows: 2, columns: 2), packed, into: result)
    return result.array.words
  }

  /// Products of several numbers of rows, `inner` terms and `n` columns, from a bias.
  private static func product(
    _ kernels: Kernels, _ seed: UInt64, _ rows: [Int], _ inner: Int, _ n: Int, _ a: Style,
    _ b: Style, _ start: Style, _ precision: Precision = .float32
  ) -> [UInt32] {
    rows.flatMap { m in
      var inputs = KernelInputs(seed: seed)
      let left = inputs.matrix(m, inner, a.exponents, mask: a.mask)
      let packed = PackedMatrix(rows: inner, columns: n, precision: precision)
      kernels.pack(
        inputs.floats(inner * n, b.exponents, mask: b.mask), at: 0, rows: inner, columns: n,
        into: packed)
      let bias = FloatBuffer(count: n)
      bias.copy(from: inputs.floats(n, start.exponents, mask: start.mask))
      let result = MatrixView(rows: m, columns: n)
      kernels.multiply(left, packed, from: .bias(bias), into: result)
      return result.array.words
    }
  }

  /// A product that starts from the values of the result, with the first rows of a matrix that is
  /// packed from its transpose.
  private static func continued(
    _ kernels: Kernels, _ seed: UInt64, _ start: Style, _ precision: Precision = .float32
  ) -> [UInt32] {
    var inputs = KernelInputs(seed: seed)
    let left = inputs.matrix(7, 9)
    let packed = PackedMatrix(rows: 12, columns: 45, precision: precision)
    kernels.pack(
      inputs.floats(45 * 12), at: 0, rows: 45, columns: 12, transposed: true, into: packed)
    let result = inputs.matrix(7, 45, start.exponents, mask: start.mask)
    kernels.multiply(left, packed, from: .output, into: result)
    return result.array.words
  }

  /// A transposed product over more rows than a block has, or over several blocks of columns.
  private static func transposed(
    _ kernels: Kernels, _ seed: UInt64, _ steps: Int, _ rows: Int, _ m: Int, _ n: Int,
    _ slices: [Range<Int>], _ precision: Precision = .float32
  ) -> [UInt32] {
    var inputs = KernelInputs(seed: seed)
    let operands = [m, n].map { columns in
      let all = inputs.matrix(steps * rows, columns)
      return MatrixSeries(all.rows(0..<rows), steps: steps, distance: rows * columns)
    }
    var result = [Float](repeating: 0, count: m * n + n)
    kernels.transposedProduct(
      operands[0], operands[1], precision: precision, slices: slices, into: &result, at: 0,
      columnSumsAt: m * n, scratch: Kernels.sliceScratch(slices: slices.count))
    return result.words
  }
}
