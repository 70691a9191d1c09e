import Wire

/// Running estimate of a fast worker's time per sample; leases that take 4 times as long are late.
struct Pace: Sendable {
  /// A lease is late after this multiple of the time that a fast worker needs.
  private static let factor = 4.0
  /// Minimum time before a lease is late, so that a short delay of the machine does not count.
  private static let least = Duration.milliseconds(10)
  /// Time after which a lease is late while there is no estimate yet.
  private static let unknown = Duration.seconds(1)
  /// Weight of a result that is slower than the estimate in the running average.
  private static let drift = 0.02

  /// Seconds per sample, separately for training and evaluation.
  private var training: Double?
  private var evaluation: Double?

  /// Records that a lease of `samples` took `time`.
  mutating func note(_ work: Work, samples: UInt64, took time: Duration) {
    let found = time.seconds / Double(max(samples, 1))
    switch work {
    case .train: training = Self.estimate(training, found)
    case .evaluate: evaluation = Self.estimate(evaluation, found)
    }
  }

  /// Returns the time after which a lease of `samples` is late.
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
