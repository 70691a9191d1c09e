/// Estimate of the time that one worker needs for a lease, from its former leases.
///
/// The time of a lease is that of its computation, in proportion to the samples, plus that of the
/// link and the queues. The estimate of the latter is the one of TCP's retransmission timer (RFC
/// 6298): on a link that loses packets, transfers vary far more than computations do.
struct CostEstimate: Sendable {
  /// A computation is late after this multiple of its expected time.
  private static let factor = 4.0
  /// A transfer is late after its mean time and this multiple of its mean deviation.
  private static let deviations = 4.0
  /// The shortest limit, in seconds, so that a short delay of the machine does not count.
  private static let minimum = 0.01
  /// Weight of a computation that is slower than the estimate in the running average.
  private static let drift = 0.1

  /// Seconds of computation per sample, a running mean that falls at once and rises slowly.
  private var compute = 0.0
  /// Mean time and mean deviation of the transfers and queues of a lease in seconds; nil without a
  /// record.
  private var link: (mean: Double, deviation: Double)?
  /// Seconds of transfers and queues in a good lease, which fall at once and rise slowly.
  private var goodLink = 0.0
  /// Number of records, up to the least number for a judgement.
  private var records = 0

  /// The shortest time of the link for which a second lease is granted, in seconds. A machine with
  /// more workers than cores delays its messages by a few milliseconds, but has no idle time.
  private static let leastOverlap = 0.02

  /// Number of records from which on ``good(samples:)`` has a value.
  private static let leastRecords = 3

  /// Creates an estimate without a record.
  init() {}

  /// Records a lease of `samples` that was granted `elapsed` ago and computed in `computed`.
  mutating func record(elapsed: Duration, computed: Duration, samples: UInt64) {
    let total = max(elapsed.seconds, 0)
    let computation = min(max(computed.seconds, 0), total)
    let measured = computation / Double(max(samples, 1))
    records = min(records + 1, Self.leastRecords)
    let transfer = total - computation
    goodLink =
      transfer > goodLink && link != nil
      ? goodLink + (transfer - goodLink) * Self.drift : transfer
    guard let link else {
      compute = measured
      link = (total - computation, (total - computation) / 2)
      return
    }
    compute = measured > compute ? compute + (measured - compute) * Self.drift : measured
    let error = total - computation - link.mean
    self.link = (link.mean + error / 8, link.deviation + (abs(error) - link.deviation) / 4)
  }

  /// Returns the expected time from the grant of a lease to its result; nil without a record.
  func expected(samples: UInt64) -> Duration? {
    link.map { .seconds(compute * Double(samples) + $0.mean) }
  }

  /// Returns the time of a good lease, in which nothing is delayed; nil with few records. A single
  /// delay does not change it.
  func good(samples: UInt64) -> Duration? {
    records < Self.leastRecords ? nil : .seconds(compute * Double(samples) + goodLink)
  }

  /// Returns whether a second lease would hide much of the link: even a good transfer takes more
  /// than half as long again as the computation.
  ///
  /// - Parameter overlaps: whether the worker holds two leases already. If the link takes less time
  ///   than the computation, one of them waits for the other, which is measured as a part of the
  ///   link.
  func isWorthOverlapping(samples: UInt64, overlaps: Bool) -> Bool {
    let computation = compute * Double(samples)
    let least = overlaps ? 1.2 * computation : max(Self.leastOverlap, 1.5 * computation)
    return records == Self.leastRecords && goodLink > least
  }

  /// Returns the time after which a lease is late; nil without a record.
  func limit(samples: UInt64) -> Duration? {
    link.map { link in
      let transfer = link.mean + Self.deviations * link.deviation
      return .seconds(max(Self.minimum, Self.factor * compute * Double(samples) + transfer))
    }
  }
}
