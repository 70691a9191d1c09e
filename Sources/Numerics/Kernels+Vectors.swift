package import Bytes

/// The parameters of one Adam update (Kingma & Ba, 2015) in TensorFlow's form, including those for
/// clipping the gradient.
package struct AdamStep: Sendable, Hashable {
  /// The step size corrected for the moments' bias, lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ).
  package var alpha: Float
  /// The decay rate of the first moment.
  package var beta1: Float
  /// The decay rate of the second moment.
  package var beta2: Float
  /// The constant added to √v, where v is the uncorrected second moment (the paper's "epsilon
  /// hat").
  package var epsilon: Float
  /// A factor applied to the gradient.
  package var gain: Float = 1
  /// The bound to which the absolute value of each element of the gradient, times the gain, is
  /// limited.
  package var bound: Float = .infinity

  /// Creates the parameters of an update without clipping.
  package init(alpha: Float, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8) {
    self.alpha = alpha
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }
}

extension Kernels {
  /// Updates the first `m.count` weights by Adam: m += (x − m)(1 − β₁), v += (x² − v)(1 − β₂),
  /// w −= α m / (√v + ε), where x is the gradient times the gain, clamped to ±bound.
  package func adam(
    _ weights: inout [Float], m: inout [Float], v: inout [Float], gradient: [Float], step: AdamStep
  ) {
    let count = m.count
    precondition(
      v.count == count && weights.count >= count && gradient.count >= count,
      "the lengths of weights, moments and gradient do not match")
    guard count > 0 else { return }
    unsafe table.adam(
      &weights, &m, &v, gradient, count, step.gain, step.bound, step.alpha, 1 - step.beta1,
      1 - step.beta2, step.epsilon)
  }

  /// Returns the weights after further updates by Adam with the same moments: the first `m.count`
  /// are w − α m / (√v + ε), the others w.
  package func extrapolated(
    _ weights: [Float], m: [Float], v: [Float], alpha: Float, epsilon: Float
  ) -> [Float] {
    precondition(
      v.count == m.count && weights.count >= m.count,
      "the lengths of weights and moments do not match")
    return unsafe Array(unsafeUninitializedCapacity: weights.count) { result, count in
      count = weights.count
      guard let start = result.baseAddress, count > 0 else { return }
      unsafe table.extrapolate(weights, m, v, m.count, alpha, epsilon, start)
      for index in m.count..<count { unsafe result[index] = weights[index] }
    }
  }

  /// Adds x to y; both have the same length.
  package func add(into y: inout [Float], _ x: [Float]) {
    precondition(x.count == y.count, "cannot add \(x.count) floats to \(y.count)")
    guard !x.isEmpty else { return }
    unsafe table.add(&y, x, x.count)
  }

  /// Adds `y.count` little-endian floats, read from `bytes` at `offset`, to y.
  package func add(into y: inout [Float], littleEndian bytes: Bytes, at offset: Int) {
    let count = y.count
    Self.checkFloats(of: bytes, at: offset, count: count)
    guard count > 0 else { return }
    unsafe bytes.withMemory { bytes in
      unsafe table.addBytes(
        &y, bytes.assumingMemoryBound(to: UInt8.self).baseAddress! + offset, count)
    }
  }

  /// Computes y += (x − y) · rate within `range`: a moving average with momentum 1 − rate.
  package func moveToward(
    _ y: inout [Float], _ x: [Float], rate: Float, in range: Range<Int>? = nil
  ) {
    let range = range ?? 0..<y.count
    precondition(x.count == y.count, "cannot move \(y.count) floats toward \(x.count)")
    unsafe x.withUnsafeBufferPointer { x in
      unsafe withFloats(of: &y, in: range) {
        unsafe table.moveToward($0, x.baseAddress! + range.lowerBound, $1, rate)
      }
    }
  }

  /// Returns the sum of squares within `range`, computed in double precision and in a fixed order.
  package func sumOfSquares(_ x: [Float], in range: Range<Int>? = nil) -> Double {
    unsafe withFloats(of: x, in: range ?? 0..<x.count) { unsafe table.sumOfSquares($0, $1) } ?? 0
  }

  /// Returns the sum of squares of `count` little-endian floats, read from `bytes` at `offset`.
  package func sumOfSquares(littleEndian bytes: Bytes, at offset: Int, count: Int) -> Double {
    Self.checkFloats(of: bytes, at: offset, count: count)
    return unsafe bytes.withMemory { bytes in
      unsafe bytes.baseAddress.map { unsafe table.sumOfSquares($0 + offset, count) } ?? 0
    }
  }

  /// Returns whether all elements within `range` are finite.
  package func allFinite(_ x: [Float], in range: Range<Int>? = nil) -> Bool {
    unsafe withFloats(of: x, in: range ?? 0..<x.count) { unsafe table.allFinite($0, $1) } ?? true
  }

  /// Returns eˣ of every element, within 4 ulp.
  package func exp(_ x: [Float]) -> [Float] { unsafe map(x, table.exp) }

  /// Returns 1 / (1 + e⁻ˣ) of every element, within 4 ulp.
  package func sigmoid(_ x: [Float]) -> [Float] { unsafe map(x, table.sigmoid) }

  /// Returns the hyperbolic tangent of every element, within 4 ulp.
  package func tanh(_ x: [Float]) -> [Float] { unsafe map(x, table.tanh) }

  /// Returns the natural logarithm of every element, within 4 ulp.
  package func log(_ x: [Float]) -> [Float] { unsafe map(x, table.log) }

  /// Runs multiply-adds of the given precision in registers, enough of them in parallel to saturate
  /// the vector unit, and returns the number of floating-point operations. The caller measures the
  /// time to determine peak throughput.
  package func burn(iterations: Int, precision: Precision = .float32) -> Double {
    var sink: [Float] = [0.5, 0.25]
    let burn = unsafe precision == .bfloat16 ? table.burnBF16 : table.burn
    return unsafe burn(iterations, &sink)
  }

  private func map(_ x: [Float], _ function: KernelTable.Map) -> [Float] {
    unsafe Array(unsafeUninitializedCapacity: x.count) { y, count in
      count = x.count
      guard let start = y.baseAddress, count > 0 else { return }
      unsafe function(x, start, count)
    }
  }

  private func withFloats(
    of x: inout [Float], in range: Range<Int>, _ body: (UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= x.count, "\(range) is not in 0..<\(x.count)")
    guard !range.isEmpty else { return }
    unsafe x.withUnsafeMutableBufferPointer {
      unsafe body($0.baseAddress! + range.lowerBound, range.count)
    }
  }

  private func withFloats<Result>(
    of x: [Float], in range: Range<Int>, _ body: (UnsafePointer<Float>, Int) -> Result
  ) -> Result? {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= x.count, "\(range) is not in 0..<\(x.count)")
    guard !range.isEmpty else { return nil }
    return unsafe x.withUnsafeBufferPointer {
      unsafe body($0.baseAddress! + range.lowerBound, range.count)
    }
  }
}
