extension MatrixView {
  /// The address of the first element.
  var base: UnsafeMutablePointer<Float> { unsafe buffer.base + offset }
}

extension Kernels {
  /// Packs the row-major matrix [rows, columns] at `offset` of `weights`. With `transposed`, packs
  /// its transpose, [columns, rows].
  package func pack(
    _ weights: [Float], at offset: Int, rows: Int, columns: Int, transposed: Bool = false,
    into packed: PackedMatrix
  ) {
    precondition(
      offset >= 0 && rows >= 0 && columns >= 0 && offset + rows * columns <= weights.count,
      "a matrix of \(rows) x \(columns) at offset \(offset) exceeds \(weights.count) weights")
    let shape = transposed ? (columns, rows) : (rows, columns)
    precondition(
      shape == (packed.rows, packed.columns),
      "a matrix of \(shape) does not fit a packed matrix of \(packed.rows) x \(packed.columns)")
    unsafe weights.withUnsafeBufferPointer { weights in
      guard let start = weights.baseAddress else { return }
      let (rowStride, columnStride) = transposed ? (1, columns) : (columns, 1)
      let pack = unsafe packed.precision == .bfloat16 ? table.packBF16 : table.pack
      unsafe pack(
        start + offset, rowStride, columnStride, packed.rows, packed.columns, packed.panels.base)
    }
  }

  /// Computes C = start + A · W, with A [rows, inner], W [inner, columns] and C [rows, columns].
  ///
  /// Each element is one chain of fused multiply-adds over the inner index in ascending order. C
  /// must not overlap A. If W has more rows than A has columns, only its first rows are used, as if
  /// A were padded with zeros. If W is packed as bfloat16, both operands are rounded: see
  /// ``Precision``.
  package func multiply(
    _ a: MatrixView, _ w: PackedMatrix, from start: ProductStart = .zero, into c: MatrixView
  ) {
    precondition(
      a.columns <= w.rows && a.rows == c.rows && w.columns == c.columns,
      "the shapes [\(a.rows), \(a.columns)] . [\(w.rows), \(w.columns)]"
        + " and [\(c.rows), \(c.columns)] do not match")
    let (begin, stride) = unsafe origin(of: start, for: c)
    switch w.precision {
    case .float32:
      unsafe table.product(
        a.base, a.stride, w.panels.base, w.rows, a.columns, begin, stride, c.base, c.stride, c.rows,
        c.columns)
    case .bfloat16:
      unsafe table.productBF16(
        a.base, a.stride, w.panels.base, w.rows, a.columns, begin, stride, c.base, c.stride, c.rows,
        c.columns, w.rounded.base)
    }
  }

  private func origin(
    of start: ProductStart, for c: MatrixView
  ) -> (UnsafePointer<Float>?, stride: Int) {
    switch start {
    case .zero: return (nil, 0)
    case .output: return unsafe (UnsafePointer(c.base), c.stride)
    case .bias(let bias):
      precondition(bias.count == c.columns, "\(bias.count) biases for \(c.columns) columns")
      return unsafe (UnsafePointer(bias.base), 0)
    }
  }

  /// Copies a matrix from `values` to `view`. The matrix starts at `offset`, and its rows are
  /// `stride` elements apart.
  package func copy(_ values: [Float], at offset: Int, stride: Int, to view: MatrixView) {
    precondition(
      offset >= 0 && stride >= view.columns
        && (view.rows == 0 || offset + (view.rows - 1) * stride + view.columns <= values.count),
      "a matrix of \(view.rows) x \(view.columns) at offset \(offset) with stride \(stride)"
        + " exceeds \(values.count) values")
    unsafe values.withUnsafeBufferPointer { values in
      guard let start = values.baseAddress else { return }
      unsafe table.copyRows(start + offset, stride, view.base, view.stride, view.rows, view.columns)
    }
  }

  /// Copies a matrix to another one of the same shape, which must not overlap it.
  package func copy(_ a: MatrixView, to view: MatrixView) {
    precondition(
      a.rows == view.rows && a.columns == view.columns,
      "the shapes [\(a.rows), \(a.columns)] and [\(view.rows), \(view.columns)] do not match")
    unsafe table.copyRows(a.base, a.stride, view.base, view.stride, view.rows, view.columns)
  }

  /// Computes Σ Aₛᵀ · Bₛ over all steps s and writes it to the row-major matrix [columns of A,
  /// columns of B] at `offset` of `gradient`.
  ///
  /// The rows are divided into slices. The product of a slice is accumulated over (step, row) in
  /// ascending order. Slices are summed as a binary tree: the sum of n > 1 slices is the sum of the
  /// first ⌈n / 2⌉ plus the sum of the rest. With `columnSumsOffset`, the sums of B's columns (the
  /// gradient of a bias) are written there, summed in the same order.
  ///
  /// - Parameters:
  ///   - precision: the precision of the operands; column sums are always float32.
  ///   - slices: at least one range of rows; the ranges are not empty, adjacent, and start at row
  ///     0.
  ///   - scratch: memory created by ``sliceScratch(slices:)`` for at least as many slices.
  package func transposedProduct(
    _ a: MatrixSeries, _ b: MatrixSeries, precision: Precision = .float32, slices: [Range<Int>],
    into gradient: inout [Float], at offset: Int, columnSumsAt columnSumsOffset: Int? = nil,
    scratch: FloatBuffer
  ) {
    let (m, n) = (a.first.columns, b.first.columns)
    let bounds = Self.bounds(slices)
    precondition(
      a.steps == b.steps && a.steps > 0,
      "the series have \(a.steps) and \(b.steps) steps; they need the same number, at least one")
    precondition(
      min(a.first.rows, b.first.rows) >= bounds[slices.count], "the slices exceed the rows")
    precondition(
      offset >= 0 && offset + m * n <= gradient.count
        && (columnSumsOffset.map { $0 >= 0 && $0 + n <= gradient.count } ?? true),
      "a gradient of \(m) x \(n) at offset \(offset) exceeds \(gradient.count) elements")
    precondition(
      scratch.count >= Self.scratchCount(slices: slices.count), "the scratch memory is too small")
    unsafe gradient.withUnsafeMutableBufferPointer { gradient in
      guard let start = gradient.baseAddress else { return }
      let product =
        unsafe precision == .bfloat16 ? table.transposedProductBF16 : table.transposedProduct
      unsafe product(
        a.first.base, a.first.stride, a.distance, b.first.base, b.first.stride, b.distance,
        a.steps, bounds, slices.count, m, n, start + offset, n,
        columnSumsOffset.map { unsafe start + $0 },
        unsafe scratch.base)
    }
  }

  /// Creates the scratch memory of a transposed product with up to `slices` slices.
  package static func sliceScratch(slices: Int) -> FloatBuffer {
    precondition(slices > 0, "a product needs at least one slice")
    return FloatBuffer(count: scratchCount(slices: slices))
  }

  /// Returns the size of the scratch memory: one level for each of the 1 + ⌈log₂ slices⌉ levels of
  /// the slice tree, and memory for rounding a block.
  private static func scratchCount(slices: Int) -> Int {
    let levels = 1 + Int.bitWidth - (slices - 1).leadingZeroBitCount
    return levels * KernelTable.levelFloats + KernelTable.pairFloats
  }

  /// Returns the start of each slice, followed by the end of the last one.
  private static func bounds(_ slices: [Range<Int>]) -> [Int] {
    var bounds = [0]
    for slice in slices {
      precondition(
        slice.lowerBound == bounds[bounds.count - 1] && !slice.isEmpty,
        "the slices \(slices) are empty or not adjacent")
      bounds.append(slice.upperBound)
    }
    precondition(!slices.isEmpty, "a product needs at least one slice")
    return bounds
  }
}
