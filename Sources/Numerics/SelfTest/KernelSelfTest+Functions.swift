/// Polynomials, and the operations on gates and logits that use them.
extension KernelSelfTest {
  static let functions = [
    Case("exp/points") { $0.exp(points + negative).words },
    Case("exp/range") { $0.exp(range(17, 117...133)).words },
    Case("sigmoid/points") { $0.sigmoid(points + negative).words },
    Case("sigmoid/range") { $0.sigmoid(range(18, 117...133)).words },
    Case("tanh/points") { $0.tanh(points + negative).words },
    Case("tanh/range") { $0.tanh(range(19, 110...130)).words },
    Case("log/points") { $0.log(points).words },
    Case("log/range") { $0.log(range(20, 0...254, mask: KernelInputs.positive)).words },
  ]

  static let steps = [
    Case("gates-forward") { gatesForward($0, 21, rows: 2, units: 67, hasPrevious: true) },
    Case("gates-forward/first-step") {
      gatesForward($0, 22, rows: 1, units: 5, hasPrevious: false)
    },
    Case("gates-backward", gatesBackward),
    Case("softmax", softmax),
    Case("cross-entropy", crossEntropy),
  ]

  /// Limits, values around the points where a result overflows, becomes subnormal or saturates, and
  /// the ends of the reduced range.
  private static let points: [Float] = [
    0x0000_0000, 0x0000_0001, 0x007F_FFFF, 0x0080_0000, 0x0080_0001, 0x3380_0000, 0x3980_0001,
    0x3EB1_7218, 0x3EB1_7219, 0x3F31_7218, 0x3F35_04F3, 0x3F35_04F4, 0x3F7F_FFFF, 0x3F80_0000,
    0x3F80_0001, 0x3FB5_04F3, 0x4110_2DE0, 0x4120_0000, 0x4120_0001, 0x4185_1EB8, 0x42AE_AC50,
    0x42AE_AC51, 0x42B1_7217, 0x42B1_7218, 0x42B2_0000, 0x42CE_8ED0, 0x42CF_F1B5, 0x42D0_0000,
    0x42D0_3333, 0x5015_02F9, 0x7F7F_FFFF, 0x7F80_0000,
  ].map { (bits: UInt32) in Float(bitPattern: bits) }

  private static let negative = points.map { -$0 }

  private static func range(
    _ seed: UInt64, _ exponents: ClosedRange<UInt32>, mask: UInt32 = KernelInputs.signed
  ) -> [Float] {
    var inputs = KernelInputs(seed: seed)
    return inputs.floats(195, exponents, mask: mask)
  }

  private static func gatesForward(
    _ kernels: Kernels, _ seed: UInt64, rows: Int, units: Int, hasPrevious: Bool
  ) -> [UInt32] {
    var inputs = KernelInputs(seed: seed)
    let z = inputs.matrix(rows, 4 * units, 118...129)
    let previous = inputs.matrix(rows, units)
    let (c, h) = (MatrixView(rows: rows, columns: units), MatrixView(rows: rows, columns: units))
    kernels.gatesForward(
      z, cells: CellStates(previous: hasPrevious ? previous : nil, current: c), h: h)
    return (z.array + c.array + h.array).words
  }

  private static func gatesBackward(_ kernels: Kernels) -> [UInt32] {
    var inputs = KernelInputs(seed: 23)
    let z = inputs.matrix(2, 4 * 67, 120...126)
    let rest = (0..<4).map { _ in inputs.matrix(2, 67) }
    kernels.gatesBackward(
      z, cells: CellStates(previous: rest[0], current: rest[1]), dh: rest[2], dc: rest[3])
    return (z.array + rest[3].array).words
  }

  private static func softmax(_ kernels: Kernels) -> [UInt32] {
    var inputs = KernelInputs(seed: 24)
    let logits = inputs.matrix(3, 67, 118...132)
    kernels.softmax(logits)
    return logits.array.words
  }

  private static func crossEntropy(_ kernels: Kernels) -> [UInt32] {
    var inputs = KernelInputs(seed: 25)
    let logits = inputs.matrix(5, 10, 118...132)
    var sums = SampleSums()
    kernels.softmaxCrossEntropy(logits, labels: [0, 9, 3, 7, 1], scale: 0.02, sums: &sums)
    return logits.array.words + sums.lossSum.words + [UInt32(truncatingIfNeeded: sums.correct)]
  }
}
