import Wire

/// Running estimate of a fast worker's time per sample; leases that take 4 times as long are late.
struct Pace: Sendable {
  /// A lease is late after this multiple of the time that a fast worker needs.
  private static let factor = 4.0
  /// Minimum time before a lease is late, so that a short delay of the machine does not count.
  private static let minimum = Duration.milliseconds(10)
  /// Time after which a lease is late while there is no estimate yet.
  private static let initial = Duration.seconds(1)
  /// Weight of a result that is slower than the estimate in the running average.
  private static let drift = 0.02

  /// Seconds per sample, separately for training and evaluation.
  private var training: Double?
  private var evaluation: Double?

  /// Records that a lease of `samples` took `time`.
  mutating func record(_ work: Work, samples: UInt64, took time: Duration) {
    let measured = time.seconds / Double(max(samples, 1))
    switch work {
    case .train: training = Self.estimate(training, measured)
    case .evaluate: evaluation = Self.estimate(evaluation, measured)
    }
  }

  /// Returns the time after which a lease of `samples` is late.
  func allowance(_ work: Work, samples: UInt64) -> Duration {
    let pace =
      switch work {
      case .train: training
      case .evaluate: evaluation
      }
    guard let pace else { return Self.initial }
    return max(Self.minimum, .seconds(Self.factor * pace * Double(samples)))
  }

  private static func estimate(_ current: Double?, _ measured: Double) -> Double {
    guard let current, measured > current else { return measured }
    return current + (measured - current) * drift
  }
}
