/// How the learning rate changes from the end of the warm-up to the end of the training.
package enum Schedule: String, Sendable, Hashable, CaseIterable {
  /// It stays.
  case constant
  /// It falls along half a period of the cosine, from all of it to almost nothing (Loshchilov &
  /// Hutter 2017, without restarts).
  case cosine

  /// What the learning rate is multiplied by, above 0 and at most 1.
  ///
  /// - Parameter remaining: the share of the way that is still to go, above 0 and at most 1.
  func factor(remaining: Double) -> Double {
    switch self {
    case .constant: return 1
    case .cosine:
      // (1 + cos(pi (1 - r))) / 2 = sin(pi r / 2)^2, which does not cancel where r is small
      let root = Self.sine(0.5 * .pi * remaining)
      return root * root
    }
  }

  /// The sine of an angle in 0...pi/2, by its Taylor series: additions and multiplications in a
  /// fixed order, so that it is the same on every machine.
  static func sine(_ angle: Double) -> Double {
    let square = angle * angle
    var sum = 1.0
    for factor in stride(from: 22.0, to: 0, by: -2) {
      sum = 1 - sum * square / (factor * (factor + 1))
    }
    return angle * sum
  }
}

extension Recipe {
  /// The learning rate of one update: it grows in equal parts over the first ``warmUp`` updates,
  /// and then follows the ``schedule``. A pure function of the recipe and the arguments.
  ///
  /// - Parameters:
  ///   - step: the number of updates made before; beyond the end the last one's rate holds.
  ///   - steps: the number of updates in the whole training, at least 1.
  package func learningRate(step: UInt64, of steps: UInt64) -> Float {
    let peak = Double(learningRate)
    if step < warmUp { return Float(peak * (Double(step + 1) / Double(warmUp))) }
    guard warmUp < steps else { return learningRate }
    let remaining = Double(steps - min(step, steps - 1)) / Double(steps - warmUp)
    return Float(peak * schedule.factor(remaining: remaining))
  }
}
