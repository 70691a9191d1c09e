/// The right operand of a product: a matrix stored in panels of 32 columns, which a product reads
/// sequentially. It is packed once from the weights and used for every time step.
package final class PackedMatrix {
  /// Number of rows: the inner dimension of a product.
  package let rows: Int
  /// Number of columns.
  package let columns: Int
  /// The precision of the elements.
  package let precision: Precision
  let panels: FloatBuffer
  /// Scratch memory for rounding the rows of the left operand, a group of rows at a time.
  let rounded: FloatBuffer

  /// Creates a matrix of zeros. ``Kernels/pack(_:at:rows:columns:transposed:into:)`` fills it.
  package init(rows: Int, columns: Int, precision: Precision = .float32) {
    precondition(rows >= 0 && columns >= 0, "a matrix of \(rows) x \(columns) is invalid")
    self.rows = rows
    self.columns = columns
    self.precision = precision
    let isPaired = precision == .bfloat16
    let lines = isPaired ? (rows + 1) / 2 : rows
    panels = FloatBuffer(count: lines * roundedUpToPanel(columns))
    rounded = FloatBuffer(count: isPaired ? lines * KernelTable.roundedRows : 0)
  }
}

/// The precision of the operands of a matrix product. Sums are always float32.
package enum Precision: String, CaseIterable, Sendable {
  /// Operands are not rounded; each sum is one chain of fused multiply-adds.
  case float32 = "f32"
  /// Operands are rounded to bfloat16: to nearest, ties to even, subnormal values to zero. Products
  /// are summed as by the instruction vdpbf16ps: of each pair of inner indices the odd one first,
  /// each sum rounded once, subnormal sums to zero. Processors without the instruction compute the
  /// same bits more slowly.
  case bfloat16 = "bf16"
}

/// Returns `columns` rounded up to a multiple of the panel width.
func roundedUpToPanel(_ columns: Int) -> Int {
  let width = KernelTable.panelColumns
  return (columns + width - 1) / width * width
}

/// The initial values of the sums of a product.
package enum ProductStart {
  /// Zero.
  case zero
  /// One value per column, the same in every row.
  case bias(FloatBuffer)
  /// The current values of the output.
  case output
}
