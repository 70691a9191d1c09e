import Numerics

/// How many units in the last place `value` lies from `exact`; the unit is that of the float
/// nearest to `exact`, and of the least normal number's spacing below the subnormals.
func ulps(_ value: Float, _ exact: Double) -> Double {
  if exact.isNaN { return value.isNaN ? 0 : .infinity }
  let nearest = Float(exact)
  if value == nearest { return 0 }
  guard value.isFinite, nearest.isFinite else { return .infinity }
  return (Double(value) - exact).magnitude / Double(nearest.magnitude.ulp)
}

/// `count` floats in −1 ..< 1.
func noise(_ count: Int, stream: UInt64 = 0) -> [Float] {
  var source = RandomSource(seed: 1, stream: stream)
  return (0..<count).map { _ in source.uniform() * 2 - 1 }
}

/// C[m, n] = start + A[m, k] · B[k, n] in double precision.
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

/// The greatest distance of any element from its counterpart.
func distance(_ values: [Float], _ exact: [Double]) -> Double {
  zip(values, exact).reduce(0) { max($0, (Double($1.0) - $1.1).magnitude) }
}

extension [Float] {
  /// The elements' bit patterns, by which −0 and 0 and different NaNs are told apart.
  var bits: [UInt32] { map(\.bitPattern) }
}
