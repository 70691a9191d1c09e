package import Bytes

/// The constants of one update by Adam (Kingma & Ba, 2015) in TensorFlow's form, and how its
/// gradient is clipped.
package struct AdamStep: Sendable, Hashable {
  /// The step size corrected for the moments' bias, lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ).
  package var alpha: Float
  /// Decay of the first moment.
  package var beta1: Float
  /// Decay of the second moment.
  package var beta2: Float
  /// Added to √v, the second moment being uncorrected (the paper's "epsilon hat").
  package var epsilon: Float
  /// A factor on the gradient.
  package var gain: Float = 1
  /// What every element of the gradient, times the gain, is brought into from both sides.
  package var bound: Float = .infinity

  /// The constants of an update by the whole gradient.
  package init(alpha: Float, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8) {
    self.alpha = alpha
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }
}

extension Kernels {
  /// m += (x − m)(1 − β₁), v += (x² − v)(1 − β₂), w −= α m / (√v + ε) for the first `m.count`
  /// weights, where x is the gradient times the step's gain, brought into its bound.
  package func adam(
    _ weights: inout [Float], m: inout [Float], v: inout [Float], gradient: [Float], step: AdamStep
  ) {
    let count = m.count
    precondition(
      v.count == count && weights.count >= count && gradient.count >= count,
      "weights, moments and gradient differ in length")
    guard count > 0 else { return }
    table.adam(
      &weights, &m, &v, gradient, count, step.gain, step.bound, step.alpha, 1 - step.beta1,
      1 - step.beta2, step.epsilon)
  }

  /// y += x; both have the same length.
  package func add(into y: inout [Float], _ x: [Float]) {
    precondition(x.count == y.count, "cannot add \(x.count) floats to \(y.count)")
    guard !x.isEmpty else { return }
    table.add(&y, x, x.count)
  }

  /// y += the little-endian floats that lie at `offset` of a message and fill what `y` holds.
  package func add(into y: inout [Float], littleEndian bytes: Bytes, at offset: Int) {
    let count = y.count
    Self.checkFloats(of: bytes, at: offset, count: count)
    guard count > 0 else { return }
    bytes.withMemory { bytes in
      table.addBytes(&y, bytes.assumingMemoryBound(to: UInt8.self).baseAddress! + offset, count)
    }
  }

  /// y += (x − y) · rate within `range`: a moving average of momentum 1 − rate.
  package func moveToward(
    _ y: inout [Float], _ x: [Float], rate: Float, in range: Range<Int>? = nil
  ) {
    let range = range ?? 0..<y.count
    precondition(x.count == y.count, "cannot average \(x.count) floats into \(y.count)")
    x.withUnsafeBufferPointer { x in
      withFloats(of: &y, in: range) {
        table.moveToward($0, x.baseAddress! + range.lowerBound, $1, rate)
      }
    }
  }

  /// The sum of squares within `range`, in double precision and one fixed order.
  package func sumOfSquares(_ x: [Float], in range: Range<Int>? = nil) -> Double {
    withFloats(of: x, in: range ?? 0..<x.count) { table.sumOfSquares($0, $1) } ?? 0
  }

  /// The same sum of `count` little-endian floats that lie at `offset` of a message.
  package func sumOfSquares(littleEndian bytes: Bytes, at offset: Int, count: Int) -> Double {
    Self.checkFloats(of: bytes, at: offset, count: count)
    return bytes.withMemory { bytes in
      bytes.baseAddress.map { table.sumOfSquares($0 + offset, count) } ?? 0
    }
  }

  /// Whether no element within `range` is infinite or NaN.
  package func allFinite(_ x: [Float], in range: Range<Int>? = nil) -> Bool {
    withFloats(of: x, in: range ?? 0..<x.count) { table.allFinite($0, $1) } ?? true
  }

  /// eˣ of every element, to within 4 ulp.
  package func exp(_ x: [Float]) -> [Float] { map(x, table.exp) }

  /// 1 / (1 + e⁻ˣ) of every element, to within 4 ulp.
  package func sigmoid(_ x: [Float]) -> [Float] { map(x, table.sigmoid) }

  /// The hyperbolic tangent of every element, to within 4 ulp.
  package func tanh(_ x: [Float]) -> [Float] { map(x, table.tanh) }

  /// The natural logarithm of every element, to within 4 ulp.
  package func log(_ x: [Float]) -> [Float] { map(x, table.log) }

  /// Runs the sums of products of some precision in registers, as many as the vector unit takes,
  /// and returns how many floating-point operations they were. Timed by the caller, this measures
  /// the peak.
  package func burn(iterations: Int, precision: Precision = .float32) -> Double {
    var sink: [Float] = [0.5, 0.25]
    let burn = precision == .bfloat16 ? table.burnBF16 : table.burn
    return burn(iterations, &sink)
  }

  private func map(_ x: [Float], _ function: KernelTable.Map) -> [Float] {
    Array(unsafeUninitializedCapacity: x.count) { y, count in
      count = x.count
      guard let start = y.baseAddress, count > 0 else { return }
      function(x, start, count)
    }
  }

  private func withFloats(
    of x: inout [Float], in range: Range<Int>, _ body: (UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= x.count, "\(range) is not in 0..<\(x.count)")
    guard !range.isEmpty else { return }
    x.withUnsafeMutableBufferPointer { body($0.baseAddress! + range.lowerBound, range.count) }
  }

  private func withFloats<Result>(
    of x: [Float], in range: Range<Int>, _ body: (UnsafePointer<Float>, Int) -> Result
  ) -> Result? {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= x.count, "\(range) is not in 0..<\(x.count)")
    guard !range.isEmpty else { return nil }
    return x.withUnsafeBufferPointer { body($0.baseAddress! + range.lowerBound, range.count) }
  }
}
