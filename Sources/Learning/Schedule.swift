/// The course of the learning rate from the end of the warm-up to the end of the training.
package enum Schedule: String, Sendable, Hashable, CaseIterable {
  /// The learning rate is constant.
  case constant
  /// The learning rate decays along half a period of the cosine, from its peak to almost zero
  /// (Loshchilov & Hutter 2017, without restarts).
  case cosine

  /// Returns the factor for the learning rate, above 0 and at most 1.
  ///
  /// - Parameter remaining: the remaining share of the training, above 0 and at most 1.
  func factor(remaining: Double) -> Double {
    switch self {
    case .constant: return 1
    case .cosine:
      // (1 + cos(pi (1 - r))) / 2 = sin(pi r / 2)^2, which avoids cancellation for small r
      let root = Self.sine(0.5 * .pi * remaining)
      return root * root
    }
  }

  /// Returns the sine of an angle in 0...pi/2, computed from its Taylor series by basic arithmetic
  /// in a fixed order, so that it is the same on every machine.
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
  /// Returns the learning rate of one update: it grows linearly over the first ``warmUp`` updates
  /// and then follows the ``schedule``. A pure function of the recipe and the arguments.
  ///
  /// - Parameters:
  ///   - step: the number of previous updates; after the end, the last update's rate is returned.
  ///   - steps: the number of updates in the whole training, at least 1.
  package func learningRate(step: UInt64, of steps: UInt64) -> Float {
    let peak = Double(learningRate)
    if step < warmUp { return Float(peak * (Double(step + 1) / Double(warmUp))) }
    guard warmUp < steps else { return learningRate }
    let remaining = Double(steps - min(step, steps - 1)) / Double(steps - warmUp)
    return Float(peak * schedule.factor(remaining: remaining))
  }
}
