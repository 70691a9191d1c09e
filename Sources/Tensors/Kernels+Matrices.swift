extension MatrixView {
  /// The address of the first element.
  var base: UnsafeMutablePointer<Float> { buffer.base + offset }
}

extension Kernels {
  /// Packs the matrix [rows, columns] that lies row-major at `offset` of `weights`; with
  /// `transposed` the packed matrix is its transpose, [columns, rows].
  public func pack(
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
      table.pack(
        start + offset, rowStride, columnStride, packed.rows, packed.columns, packed.panels.base)
    }
  }

  /// C = start + A · W, with A [rows, inner], W [inner, columns] and C [rows, columns]. Each
  /// element is one chain of fused multiply-adds over the inner index ascending. C must not overlap
  /// A.
  public func multiply(
    _ a: MatrixView, _ w: PackedMatrix, from start: ProductStart = .zero, into c: MatrixView
  ) {
    precondition(
      a.columns == w.rows && a.rows == c.rows && w.columns == c.columns,
      "shapes do not fit: [\(a.rows), \(a.columns)] . [\(w.rows), \(w.columns)]"
        + " into [\(c.rows), \(c.columns)]")
    let (begin, stride) = origin(of: start, for: c)
    table.product(
      a.base, a.stride, w.panels.base, w.rows, begin, stride, c.base, c.stride, c.rows, c.columns)
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
  public func copy(_ values: [Float], at offset: Int, stride: Int, to view: MatrixView) {
    precondition(
      offset >= 0 && stride >= view.columns
        && (view.rows == 0 || offset + (view.rows - 1) * stride + view.columns <= values.count),
      "a matrix of \(view.rows) x \(view.columns) at \(offset) exceeds \(values.count) values")
    values.withUnsafeBufferPointer { values in
      guard let start = values.baseAddress else { return }
      table.copyRows(start + offset, stride, view.base, view.stride, view.rows, view.columns)
    }
  }

  /// Adds Σ Aₛᵀ · Bₛ over all steps s to the matrix [A's columns, B's columns] that lies row-major
  /// at `offset` of `gradient`, accumulated over (step, row) ascending from the values that are
  /// there.
  ///
  /// With `columnSumsOffset` the sums of B's columns are added there in the same order (the
  /// gradient of a bias).
  public func addTransposedProduct(
    _ a: MatrixSeries, _ b: MatrixSeries, to gradient: inout [Float], at offset: Int,
    columnSumsAt columnSumsOffset: Int? = nil
  ) {
    let (m, n) = (a.first.columns, b.first.columns)
    precondition(
      a.steps == b.steps && a.first.rows == b.first.rows, "the series have different lengths")
    precondition(
      offset >= 0 && offset + m * n <= gradient.count
        && (columnSumsOffset.map { $0 >= 0 && $0 + n <= gradient.count } ?? true),
      "a gradient of \(m) x \(n) at \(offset) exceeds \(gradient.count) elements")
    gradient.withUnsafeMutableBufferPointer { gradient in
      guard let start = gradient.baseAddress, a.steps > 0, a.first.rows > 0 else { return }
      table.transposedProduct(
        a.first.base, a.first.stride, a.distance, b.first.base, b.first.stride, b.distance,
        a.steps, a.first.rows, m, n, start + offset, n, columnSumsOffset.map { start + $0 })
    }
  }
}
