extension MatrixView {
  /// The address of the first element.
  var base: UnsafeMutablePointer<Float> { buffer.base + offset }
}

extension Kernels {
  /// Packs the matrix [rows, columns] that lies row-major at `offset` of `weights`; with
  /// `transposed` the packed matrix is its transpose, [columns, rows].
  package func pack(
    _ weights: [Float], at offset: Int, rows: Int, columns: Int, transposed: Bool = false,
    into packed: PackedMatrix
  ) {
    precondition(
      offset >= 0 && rows >= 0 && columns >= 0 && offset + rows * columns <= weights.count,
      "a matrix of \(rows) x \(columns) at \(offset) exceeds \(weights.count) weights")
    let shape = transposed ? (columns, rows) : (rows, columns)
    precondition(shape == (packed.rows, packed.columns), "the packed matrix has another shape")
    weights.withUnsafeBufferPointer { weights in
      guard let start = weights.baseAddress else { return }
      let (rowStride, columnStride) = transposed ? (1, columns) : (columns, 1)
      let pack = packed.precision == .bfloat16 ? table.packBF16 : table.pack
      pack(start + offset, rowStride, columnStride, packed.rows, packed.columns, packed.panels.base)
    }
  }

  /// C = start + A · W, with A [rows, inner], W [inner, columns] and C [rows, columns]. Each
  /// element is one chain of fused multiply-adds over the inner index ascending. C must not overlap
  /// A. Where W has more rows than A has columns, only its first ones count, as if A were
  /// continued by zeros. With a W of bfloat16 both operands are rounded: see ``Precision``.
  package func multiply(
    _ a: MatrixView, _ w: PackedMatrix, from start: ProductStart = .zero, into c: MatrixView
  ) {
    precondition(
      a.columns <= w.rows && a.rows == c.rows && w.columns == c.columns,
      "shapes do not fit: [\(a.rows), \(a.columns)] . [\(w.rows), \(w.columns)]"
        + " into [\(c.rows), \(c.columns)]")
    let (begin, stride) = origin(of: start, for: c)
    switch w.precision {
    case .float32:
      table.product(
        a.base, a.stride, w.panels.base, w.rows, a.columns, begin, stride, c.base, c.stride, c.rows,
        c.columns)
    case .bfloat16:
      table.productBF16(
        a.base, a.stride, w.panels.base, w.rows, a.columns, begin, stride, c.base, c.stride, c.rows,
        c.columns, w.rounded.base)
    }
  }

  private func origin(
    of start: ProductStart, for c: MatrixView
  ) -> (UnsafePointer<Float>?, stride: Int) {
    switch start {
    case .zero: return (nil, 0)
    case .output: return (UnsafePointer(c.base), c.stride)
    case .bias(let bias):
      precondition(bias.count == c.columns, "\(bias.count) biases for \(c.columns) columns")
      return (UnsafePointer(bias.base), 0)
    }
  }

  /// Copies a matrix to `view` that begins with the element number `offset` of `values` and whose
  /// rows lie `stride` elements apart.
  package func copy(_ values: [Float], at offset: Int, stride: Int, to view: MatrixView) {
    precondition(
      offset >= 0 && stride >= view.columns
        && (view.rows == 0 || offset + (view.rows - 1) * stride + view.columns <= values.count),
      "a matrix of \(view.rows) x \(view.columns) at \(offset) exceeds \(values.count) values")
    values.withUnsafeBufferPointer { values in
      guard let start = values.baseAddress else { return }
      table.copyRows(start + offset, stride, view.base, view.stride, view.rows, view.columns)
    }
  }

  /// Copies a matrix to another of the same shape, which must not overlap it.
  package func copy(_ a: MatrixView, to view: MatrixView) {
    precondition(
      a.rows == view.rows && a.columns == view.columns,
      "[\(a.rows), \(a.columns)] does not fit [\(view.rows), \(view.columns)]")
    table.copyRows(a.base, a.stride, view.base, view.stride, view.rows, view.columns)
  }

  /// Writes Σ Aₛᵀ · Bₛ over all steps s to the matrix [A's columns, B's columns] that lies
  /// row-major at `offset` of `gradient`.
  ///
  /// The rows are cut into slices. The product of a slice is accumulated over (step, row)
  /// ascending; a run of n > 1 slices is the sum of its first ⌈n / 2⌉ slices and the others. With
  /// `columnSumsOffset` the sums of B's columns go there, added up in the same order (the gradient
  /// of a bias).
  ///
  /// - Parameters:
  ///   - precision: what the operands are rounded to; the sums of columns are always float32.
  ///   - slices: neighbouring runs of rows, at least one, none empty, which begin with row 0.
  ///   - scratch: memory made by ``sliceScratch(slices:)``.
  package func transposedProduct(
    _ a: MatrixSeries, _ b: MatrixSeries, precision: Precision = .float32, slices: [Range<Int>],
    into gradient: inout [Float], at offset: Int, columnSumsAt columnSumsOffset: Int? = nil,
    scratch: FloatBuffer
  ) {
    let (m, n) = (a.first.columns, b.first.columns)
    let bounds = Self.bounds(slices)
    precondition(
      a.steps == b.steps && a.steps > 0, "the series have \(a.steps) and \(b.steps) steps")
    precondition(
      min(a.first.rows, b.first.rows) >= bounds[slices.count], "the slices exceed the rows")
    precondition(
      offset >= 0 && offset + m * n <= gradient.count
        && (columnSumsOffset.map { $0 >= 0 && $0 + n <= gradient.count } ?? true),
      "a gradient of \(m) x \(n) at \(offset) exceeds \(gradient.count) elements")
    precondition(
      scratch.count >= Self.scratchCount(slices: slices.count), "the scratch memory is too small")
    gradient.withUnsafeMutableBufferPointer { gradient in
      guard let start = gradient.baseAddress else { return }
      let product =
        precision == .bfloat16 ? table.transposedProductBF16 : table.transposedProduct
      product(
        a.first.base, a.first.stride, a.distance, b.first.base, b.first.stride, b.distance,
        a.steps, bounds, slices.count, m, n, start + offset, n, columnSumsOffset.map { start + $0 },
        scratch.base)
    }
  }

  /// What a transposed product of up to `slices` slices works in.
  package static func sliceScratch(slices: Int) -> FloatBuffer {
    precondition(slices > 0, "a product has at least one slice")
    return FloatBuffer(count: scratchCount(slices: slices))
  }

  /// One level for each level of the tree of slices, 1 + ⌈log₂ slices⌉ of them, and room to round a
  /// block.
  private static func scratchCount(slices: Int) -> Int {
    let levels = 1 + Int.bitWidth - (slices - 1).leadingZeroBitCount
    return levels * KernelTable.levelFloats + KernelTable.pairFloats
  }

  /// Where each slice begins, and where the last one ends.
  private static func bounds(_ slices: [Range<Int>]) -> [Int] {
    var bounds = [0]
    for slice in slices {
      precondition(
        slice.lowerBound == bounds[bounds.count - 1] && !slice.isEmpty,
        "the slices \(slices) do not follow each other")
      bounds.append(slice.upperBound)
    }
    precondition(!slices.isEmpty, "a product has at least one slice")
    return bounds
  }
}
