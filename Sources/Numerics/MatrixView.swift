/// A row-major matrix in a ``FloatBuffer``: element (r, c) is buffer[offset + r · stride + c].
///
/// Bounds are checked once, when the view is created; kernels rely on that check.
package struct MatrixView {
  /// The buffer that contains the matrix.
  package let buffer: FloatBuffer
  /// Offset of the first element in the buffer.
  package let offset: Int
  /// Number of rows.
  package let rows: Int
  /// Number of columns.
  package let columns: Int
  /// Distance between successive rows, in elements.
  package let stride: Int

  /// Creates a view of `rows` × `columns` elements. The stride defaults to the number of columns.
  package init(_ buffer: FloatBuffer, offset: Int = 0, rows: Int, columns: Int, stride: Int? = nil)
  {
    let stride = stride ?? columns
    precondition(
      offset >= 0 && rows >= 0 && columns >= 0 && stride >= columns,
      "a matrix of \(rows) x \(columns) at offset \(offset) with stride \(stride) is invalid")
    precondition(
      rows == 0 || offset + (rows - 1) * stride + columns <= buffer.count,
      "a matrix of \(rows) x \(columns) at offset \(offset) exceeds \(buffer.count) floats")
    self.buffer = buffer
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  /// Creates a matrix of zeros in a new buffer.
  package init(rows: Int, columns: Int) {
    self.init(FloatBuffer(count: rows * columns), rows: rows, columns: columns)
  }

  /// Creates a matrix in a new buffer from `values` in row-major order.
  package init(_ values: [Float], rows: Int, columns: Int) {
    precondition(
      values.count == rows * columns, "\(values.count) values for a matrix of \(rows) x \(columns)")
    self.init(rows: rows, columns: columns)
    buffer.copy(from: values)
  }

  /// The element in row `row` and column `column`.
  package subscript(row: Int, column: Int) -> Float {
    get { buffer[place(row, column)] }
    nonmutating set { buffer[place(row, column)] = newValue }
  }

  /// Returns a view of the rows in `range`, which shares this view's memory.
  package func rows(_ range: Range<Int>) -> MatrixView {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) are not in 0..<\(rows)")
    let first = range.isEmpty ? offset : offset + range.lowerBound * stride
    return MatrixView(buffer, offset: first, rows: range.count, columns: columns, stride: stride)
  }

  /// A copy of the elements in row-major order.
  package var array: [Float] {
    (0..<rows).flatMap { buffer.copy(of: offset + $0 * stride..<offset + $0 * stride + columns) }
  }

  /// Copies rows · columns values in row-major order into the matrix.
  package func copy(from values: [Float]) {
    precondition(
      values.count == rows * columns, "\(values.count) values for a matrix of \(rows) x \(columns)")
    for row in 0..<rows {
      buffer.copy(from: values[row * columns..<(row + 1) * columns], at: offset + row * stride)
    }
  }

  /// Sets every element to `value`.
  package func fill(_ value: Float) {
    for row in 0..<rows {
      let first = offset + row * stride
      buffer.fill(value, in: first..<first + columns)
    }
  }

  private func place(_ row: Int, _ column: Int) -> Int {
    precondition(
      row >= 0 && row < rows && column >= 0 && column < columns,
      "(\(row), \(column)) is not in a matrix of \(rows) x \(columns)")
    return offset + row * stride + column
  }
}

/// The same rows of successive matrices (steps), which are equally spaced in one buffer.
package struct MatrixSeries {
  /// The rows of the first step.
  package let first: MatrixView
  /// Number of steps.
  package let steps: Int
  /// Distance between successive steps, in elements.
  package let distance: Int

  /// Creates a series that starts with `first`. All steps must be within the buffer.
  package init(_ first: MatrixView, steps: Int, distance: Int) {
    precondition(
      steps >= 0 && distance >= 0, "a series of \(steps) steps at distance \(distance) is invalid")
    precondition(
      steps == 0 || first.rows == 0
        || first.offset + (steps - 1) * distance + (first.rows - 1) * first.stride + first.columns
          <= first.buffer.count,
      "a series of \(steps) matrices exceeds the buffer's \(first.buffer.count) floats")
    self.first = first
    self.steps = steps
    self.distance = distance
  }

  /// Returns the rows in `range` of every step.
  package func rows(_ range: Range<Int>) -> MatrixSeries {
    MatrixSeries(first.rows(range), steps: steps, distance: distance)
  }

  /// The matrix of the step with index `step`.
  package subscript(step: Int) -> MatrixView {
    precondition(step >= 0 && step < steps, "step \(step) is not in 0..<\(steps)")
    return MatrixView(
      first.buffer, offset: first.offset + step * distance, rows: first.rows,
      columns: first.columns, stride: first.stride)
  }
}
