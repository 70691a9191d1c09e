import Numerics
import Testing

/// [m, k] times [k, n].
struct ProductShape: Sendable, CustomTestStringConvertible {
  let m, k, n: Int
  var testDescription: String { "\(m) x \(k) x \(n)" }
}

/// a · b + bias by the kernels under test: [m, n].
func multiplied(
  _ kernels: Kernels, _ shape: ProductShape, a: [Float], b: [Float], bias: [Float],
  precision: Precision = .float32
) -> [Float] {
  let packed = PackedMatrix(rows: shape.k, columns: shape.n, precision: precision)
  kernels.pack(b, at: 0, rows: shape.k, columns: shape.n, into: packed)
  let start = FloatBuffer(count: shape.n)
  start.copy(from: bias)
  let c = MatrixView(rows: shape.m, columns: shape.n)
  kernels.multiply(
    MatrixView(a, rows: shape.m, columns: shape.k), packed, from: .bias(start), into: c)
  return c.array
}
