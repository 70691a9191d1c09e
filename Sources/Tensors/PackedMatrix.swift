/// The right operand of a product: a matrix stored in panels of 32 columns, so that a product reads
/// it in order. Packed once from the weights, used for every time step.
public final class PackedMatrix {
  /// Number of rows: the inner index of a product.
  public let rows: Int
  /// Number of columns.
  public let columns: Int
  let panels: FloatBuffer

  /// A matrix of zeros, to be filled by ``Kernels/pack(_:at:rows:columns:transposed:into:)``.
  public init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a matrix cannot have this shape")
    self.rows = rows
    self.columns = columns
    panels = FloatBuffer(count: rows * roundedUpToPanel(columns))
  }
}

/// The least multiple of a panel's width that holds `columns`.
func roundedUpToPanel(_ columns: Int) -> Int {
  let width = KernelTable.panelColumns
  return (columns + width - 1) / width * width
}

/// What the sums of a product begin with.
public enum ProductStart {
  /// Zero.
  case zero
  /// The same values, one for each column, in every row.
  case bias(FloatBuffer)
  /// What the output holds already.
  case output
}
