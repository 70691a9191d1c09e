/// The right operand of a product: a matrix stored in panels of 32 columns, so that a product reads
/// it in order. Packed once from the weights, used for every time step.
package final class PackedMatrix {
  /// Number of rows: the inner index of a product.
  package let rows: Int
  /// Number of columns.
  package let columns: Int
  /// What its elements are rounded to.
  package let precision: Precision
  let panels: FloatBuffer
  /// Where the other operand's rows are rounded, some at a time.
  let rounded: FloatBuffer

  /// A matrix of zeros, to be filled by ``Kernels/pack(_:at:rows:columns:transposed:into:)``.
  package init(rows: Int, columns: Int, precision: Precision = .float32) {
    precondition(rows >= 0 && columns >= 0, "a matrix cannot have this shape")
    self.rows = rows
    self.columns = columns
    self.precision = precision
    let isPaired = precision == .bfloat16
    let lines = isPaired ? (rows + 1) / 2 : rows
    panels = FloatBuffer(count: lines * roundedUpToPanel(columns))
    rounded = FloatBuffer(count: isPaired ? lines * KernelTable.roundedRows : 0)
  }
}

/// What the operands of a matrix product are rounded to. Sums are always float32.
package enum Precision: String, CaseIterable, Sendable {
  /// Nothing: one chain of fused multiply-adds.
  case float32 = "f32"
  /// bfloat16, to the nearest, ties to even, subnormal numbers to zero. Products are summed as the
  /// instruction vdpbf16ps does it: of each pair of inner indices the odd one first, each sum
  /// rounded once, subnormal sums to zero. Processors without it give the same bits, slowly.
  case bfloat16 = "bf16"
}

/// The least multiple of a panel's width that holds `columns`.
func roundedUpToPanel(_ columns: Int) -> Int {
  let width = KernelTable.panelColumns
  return (columns + width - 1) / width * width
}

/// What the sums of a product begin with.
package enum ProductStart {
  /// Zero.
  case zero
  /// The same values, one for each column, in every row.
  case bias(FloatBuffer)
  /// What the output holds already.
  case output
}
