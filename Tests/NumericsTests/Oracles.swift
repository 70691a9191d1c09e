import Numerics

/// Returns the distance between `value` and `exact` in units in the last place of the float nearest
/// to `exact`.
func ulps(_ value: Float, _ exact: Double) -> Double {
  if exact.isNaN { return value.isNaN ? 0 : .infinity }
  let nearest = Float(exact)
  if value == nearest { return 0 }
  guard value.isFinite, nearest.isFinite else { return .infinity }
  return (Double(value) - exact).magnitude / Double(nearest.magnitude.ulp)
}

/// Returns `count` random floats in −1 ..< 1.
func noise(_ count: Int, stream: UInt64 = 0) -> [Float] {
  var source = RandomSource(seed: 1, stream: stream)
  return (0..<count).map { _ in source.uniform() * 2 - 1 }
}

/// Returns C[m, n] = start + A[m, k] · B[k, n], computed in double precision.
func product(_ a: [Float], _ b: [Float], start: [Float], m: Int, k: Int, n: Int) -> [Double] {
  var c = start.map(Double.init)
  for row in 0..<m {
    for inner in 0..<k {
      let factor = Double(a[row * k + inner])
      for column in 0..<n { c[row * n + column] += factor * Double(b[inner * n + column]) }
    }
  }
  return c
}

/// Returns the greatest absolute difference between corresponding elements.
func distance(_ values: [Float], _ exact: [Double]) -> Double {
  zip(values, exact).reduce(0) { max($0, (Double($1.0) - $1.1).magnitude) }
}

extension [Float] {
  /// The bit patterns of the elements, which distinguish −0 from 0, and NaNs from each other.
  var bits: [UInt32] { map(\.bitPattern) }
}
