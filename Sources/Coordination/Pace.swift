import Wire

/// How long a lease takes those who are quick: what the rest is measured by.
struct Pace: Sendable {
  /// A lease is late when it takes so many times as long as it takes a quick worker.
  private static let factor = 4.0
  /// No lease is late before this time is over, so that a hiccup of the machine is none.
  private static let least = Duration.milliseconds(10)
  /// When a lease is late as long as none has come back.
  private static let unknown = Duration.seconds(1)
  /// How fast the estimate follows workers that are slower than it.
  private static let drift = 0.02

  /// Seconds a sample, by kind of work: training, evaluation.
  private var training: Double?
  private var evaluation: Double?

  /// Takes note of a lease that took `time`.
  mutating func note(_ work: Work, samples: UInt64, took time: Duration) {
    let found = time.seconds / Double(max(samples, 1))
    switch work {
    case .train: training = Self.estimate(training, found)
    case .evaluate: evaluation = Self.estimate(evaluation, found)
    }
  }

  /// The time after which a lease of `samples` is late.
  func allowance(_ work: Work, samples: UInt64) -> Duration {
    let pace =
      switch work {
      case .train: training
      case .evaluate: evaluation
      }
    guard let pace else { return Self.unknown }
    return max(Self.least, .seconds(Self.factor * pace * Double(samples)))
  }

  private static func estimate(_ known: Double?, _ found: Double) -> Double {
    guard let known, found > known else { return found }
    return known + (found - known) * drift
  }
}
