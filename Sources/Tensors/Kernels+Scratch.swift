extension Kernels {
  /// Transitional: no scratch memory is needed any more.
  public static func scratchCount(rows: Int, columns: Int) -> Int { 0 }

  /// Transitional: as without `scratch`.
  public func addTransposedProduct(
    _ a: MatrixSeries, _ b: MatrixSeries, to gradient: inout [Float], at offset: Int,
    columnSumsAt columnSumsOffset: Int? = nil, scratch: FloatBuffer
  ) {
    addTransposedProduct(a, b, to: &gradient, at: offset, columnSumsAt: columnSumsOffset)
  }
}
