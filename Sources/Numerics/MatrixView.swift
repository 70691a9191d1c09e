/// A row-major matrix within a ``FloatBuffer``: element (r, c) is buffer[offset + r · stride + c].
///
/// Bounds are checked once, when the view is made; kernels then trust it.
package struct MatrixView {
  /// The memory the matrix lies in.
  package let buffer: FloatBuffer
  /// Where its first element lies in the buffer.
  package let offset: Int
  /// Number of rows.
  package let rows: Int
  /// Number of columns.
  package let columns: Int
  /// Distance of successive rows, in elements.
  package let stride: Int

  /// A view of `rows` × `columns` elements; rows follow each other closely unless a stride is
  /// given.
  package init(_ buffer: FloatBuffer, offset: Int = 0, rows: Int, columns: Int, stride: Int? = nil)
  {
    let stride = stride ?? columns
    precondition(
      offset >= 0 && rows >= 0 && columns >= 0 && stride >= columns,
      "a matrix cannot have this shape")
    precondition(
      rows == 0 || offset + (rows - 1) * stride + columns <= buffer.count,
      "a matrix of \(rows) x \(columns) at \(offset) exceeds the buffer's \(buffer.count) floats")
    self.buffer = buffer
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  /// A matrix of zeros in memory of its own.
  package init(rows: Int, columns: Int) {
    self.init(FloatBuffer(count: rows * columns), rows: rows, columns: columns)
  }

  /// A matrix in memory of its own with `values` in row-major order.
  package init(_ values: [Float], rows: Int, columns: Int) {
    precondition(values.count == rows * columns, "\(rows) x \(columns) is not \(values.count)")
    self.init(rows: rows, columns: columns)
    buffer.copy(from: values)
  }

  /// The element in row `row` and column `column`.
  package subscript(row: Int, column: Int) -> Float {
    get { buffer[place(row, column)] }
    nonmutating set { buffer[place(row, column)] = newValue }
  }

  /// The rows in `range`, sharing this view's memory.
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

  /// Copies `values` (row-major, rows · columns of them) into the matrix.
  package func copy(from values: [Float]) {
    precondition(values.count == rows * columns, "\(rows) x \(columns) is not \(values.count)")
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
    precondition(row >= 0 && row < rows && column >= 0 && column < columns, "no such element")
    return offset + row * stride + column
  }
}

/// The same rows of `steps` successive matrices, `distance` elements apart in one buffer.
package struct MatrixSeries {
  /// The rows of the first step.
  package let first: MatrixView
  /// How many steps there are.
  package let steps: Int
  /// Distance of successive steps, in elements.
  package let distance: Int

  /// A series that begins with `first`; all of it must lie in the buffer.
  package init(_ first: MatrixView, steps: Int, distance: Int) {
    precondition(steps >= 0 && distance >= 0, "a series cannot have this shape")
    precondition(
      steps == 0 || first.rows == 0
        || first.offset + (steps - 1) * distance + (first.rows - 1) * first.stride + first.columns
          <= first.buffer.count,
      "a series of \(steps) matrices exceeds the buffer's \(first.buffer.count) floats")
    self.first = first
    self.steps = steps
    self.distance = distance
  }

  /// The rows in `range` of every step.
  package func rows(_ range: Range<Int>) -> MatrixSeries {
    MatrixSeries(first.rows(range), steps: steps, distance: distance)
  }

  /// The matrix of step `step`.
  package subscript(step: Int) -> MatrixView {
    precondition(step >= 0 && step < steps, "step \(step) is not in 0..<\(steps)")
    return MatrixView(
      first.buffer, offset: first.offset + step * distance, rows: first.rows,
      columns: first.columns, stride: first.stride)
  }
}
