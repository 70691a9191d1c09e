import Bytes

/// Flat vectors and images.
extension KernelSelfTest {
  static let vectors = [
    Case("adam") { adam($0, 26, gain: 1, bound: .infinity) },
    Case("adam/clipped") { adam($0, 27, gain: 0.3, bound: 0.1) },
    Case("extrapolate", extrapolate), Case("add", add), Case("add-bytes", addBytes),
    Case("move-toward", moveToward),
    Case("sum-of-squares") { kernels in
      var inputs = KernelInputs(seed: 31)
      return kernels.sumOfSquares(inputs.floats(203, 97...157)).words
    },
    Case("all-finite", allFinite), Case("warp", warp), Case("scale-bytes", scaleBytes),
  ]

  private static func adam(
    _ kernels: Kernels, _ seed: UInt64, gain: Float, bound: Float
  ) -> [UInt32] {
    var inputs = KernelInputs(seed: seed)
    var (w, m) = (inputs.floats(71, 115...124), inputs.floats(71, 100...118))
    let gradient = inputs.floats(71, KernelInputs.wide)
    var v = inputs.floats(71, 80...110, mask: KernelInputs.positive)
    var step = AdamStep(alpha: 0.001)
    (step.gain, step.bound) = (gain, bound)
    kernels.adam(&w, m: &m, v: &v, gradient: gradient, step: step)
    return (w + m + v).words
  }

  private static func extrapolate(_ kernels: Kernels) -> [UInt32] {
    var inputs = KernelInputs(seed: 34)
    let (w, m) = (inputs.floats(71, 115...124), inputs.floats(69, 100...118))
    let v = inputs.floats(69, 80...110, mask: KernelInputs.positive)
    return kernels.extrapolated(w, m: m, v: v, alpha: 0.007, epsilon: 1e-8).words
  }

  private static func add(_ kernels: Kernels) -> [UInt32] {
    var inputs = KernelInputs(seed: 28)
    var sum = inputs.floats(71, KernelInputs.unit)
    kernels.add(into: &sum, inputs.floats(71, 100...128))
    return sum.words
  }

  /// Sums of subnormal and small numbers, read at an odd address.
  private static func addBytes(_ kernels: Kernels) -> [UInt32] {
    var inputs = KernelInputs(seed: 29)
    var sum = inputs.floats(71, 0...3)
    var bytes: [UInt8] = [0]
    Kernels.append(inputs.floats(71, 0...3), to: &bytes)
    kernels.add(into: &sum, littleEndian: Bytes(bytes), at: 1)
    return sum.words
  }

  private static func moveToward(_ kernels: Kernels) -> [UInt32] {
    var inputs = KernelInputs(seed: 30)
    var average = inputs.floats(71)
    kernels.moveToward(&average, inputs.floats(71), rate: 0.01)
    return average.words
  }

  /// Whether all of 67 numbers are finite, without and with one at the end that is not.
  private static func allFinite(_ kernels: Kernels) -> [UInt32] {
    let numbers = [Float](repeating: .greatestFiniteMagnitude, count: 66)
    return [1, -.infinity, .nan].map { kernels.allFinite(numbers + [$0]) ? 1 : 0 }
  }

  private static func warp(_ kernels: Kernels) -> [UInt32] {
    var inputs = KernelInputs(seed: 32)
    var image = inputs.floats(7 * 11, mask: KernelInputs.positive)
    let map = AffineMap(
      origin: SIMD2(-0.4, 0.6), column: SIMD2(1.05, -0.15), row: SIMD2(0.1, 0.95))
    kernels.warp(
      &image, at: 0, height: 7, width: 11, through: map, scratch: FloatBuffer(count: 10 * 14))
    return image.words
  }

  private static func scaleBytes(_ kernels: Kernels) -> [UInt32] {
    var inputs = KernelInputs(seed: 33)
    let bytes = (0..<3 * 67).map { _ in UInt8(truncatingIfNeeded: inputs.word() >> 24) }
    return [nil, Array((0..<67).reversed())].flatMap { order in
      kernels.scaled(bytes, at: [0, 67, 134], count: 67, order: order, by: 1 / 255).words
    }
  }
}
