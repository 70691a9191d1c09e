import Wire

/// Estimates of the duration of leases, by which late leases and slow workers are recognized.
///
/// A worker is judged by what its own machine and connection took before. A worker that takes many
/// times as long as the fastest one is slow: others must not wait for it.
struct Pace: Sendable {
  /// Minimum time before a lease is late, so that a short delay of the machine does not count.
  private static let minimum = Duration.milliseconds(10)
  /// Time after which a lease is late while there is no estimate yet.
  private static let initial = Duration.seconds(1)
  /// A lease is late after this multiple of the time that a fast worker needs, if its worker is
  /// slow or unknown.
  private static let lateFactor = 4.0
  /// A worker is slow if it needs more than this multiple of the time of a fast worker.
  private static let slowFactor = 8.0
  /// Weight of a result that is slower than the estimate in the running averages.
  private static let drift = 0.02

  /// The duration of a lease of a fast worker.
  private struct Estimate: Sendable {
    /// Computation, in seconds per sample.
    var compute: Double
    /// Everything else, in seconds per lease.
    var link: Double

    func expected(_ samples: UInt64) -> Double { compute * Double(samples) + link }
  }

  private var training: Estimate?
  private var evaluation: Estimate?

  /// Records that a worker took `elapsed` for a lease, `computed` of it for the computation.
  mutating func record(_ work: Work, samples: UInt64, elapsed: Duration, computed: Duration) {
    let compute = min(computed, elapsed).seconds
    let measured = Estimate(
      compute: compute / Double(max(samples, 1)), link: elapsed.seconds - compute)
    switch work {
    case .train: training = Self.estimate(training, measured)
    case .evaluate: evaluation = Self.estimate(evaluation, measured)
    }
  }

  /// Forgets the estimates, when no worker is left that was as fast.
  mutating func reset() { (training, evaluation) = (nil, nil) }

  /// Returns the time after which a lease of `samples` is late.
  ///
  /// - Parameter cost: the worker's own estimate for work of this kind.
  func allowance(_ work: Work, samples: UInt64, cost: CostEstimate) -> Duration {
    let fast = estimate(for: work).map { $0.expected(samples) * Self.lateFactor }
    guard let expected = cost.expected(samples: samples), let own = cost.limit(samples: samples)
    else { return fast.map { max(.seconds($0), Self.minimum) } ?? Self.initial }
    if let fast, expected.seconds > fast { return max(.seconds(fast), Self.minimum) }
    return max(own, Self.minimum)
  }

  /// Returns whether a worker needs many times as long for `samples` training samples as a fast
  /// one, even in a good lease.
  func isSlow(_ cost: CostEstimate, samples: UInt64) -> Bool {
    guard let own = cost.good(samples: samples), let fast = training else { return false }
    return own.seconds > max(fast.expected(samples), Self.minimum.seconds / 4) * Self.slowFactor
  }

  /// Returns the expected time of a fast worker for `samples`; nil without an estimate.
  func expected(_ work: Work, samples: UInt64) -> Duration? {
    estimate(for: work).map { .seconds($0.expected(samples)) }
  }

  private func estimate(for work: Work) -> Estimate? {
    switch work {
    case .train: training
    case .evaluate: evaluation
    }
  }

  private static func estimate(_ current: Estimate?, _ measured: Estimate) -> Estimate {
    guard let current else { return measured }
    return Estimate(
      compute: moved(current.compute, to: measured.compute),
      link: moved(current.link, to: measured.link))
  }

  /// Returns the estimate, which falls at once and rises slowly.
  private static func moved(_ current: Double, to measured: Double) -> Double {
    measured > current ? current + (measured - current) * drift : measured
  }
}
