import Numerics
import Wire

/// The last updates of a server, for the status of its run. Decisions never depend on it.
struct RecentProgress: Sendable {
  /// The last update; nil before the first one.
  private(set) var latest: StepReport?
  /// The evaluation under way, if there is one.
  private(set) var evaluation: EvaluationProgress?
  /// Maximum staleness of the updates.
  private(set) var stalenessMaximum: UInt64 = 0
  private var stalenessSum: UInt64 = 0
  private var updates: UInt64 = 0
  private var measured: Double?
  private var samples: UInt64 = 0
  private var since: Moment?

  /// The time over which the speed is measured.
  private static let window = Duration.seconds(1)

  /// Mean staleness of the updates.
  var stalenessMean: Double { updates > 0 ? Double(stalenessSum) / Double(updates) : 0 }

  /// Records a report of the server.
  mutating func note(_ report: Report, at now: Moment) {
    switch report {
    case .stepped(let step): count(step, at: now)
    case .evaluating(let progress): evaluation = progress
    case .evaluated:
      evaluation = nil
      since = nil  // the time of the evaluation does not count
    default: break
    }
  }

  /// Returns the training samples per second: those of the last whole second of training, or since
  /// its beginning.
  func samplesPerSecond(at now: Moment) -> Double {
    if let measured { return measured }
    guard let since, now > since else { return 0 }
    return Double(samples) / now.since(since).seconds
  }

  private mutating func count(_ step: StepReport, at now: Moment) {
    latest = step
    evaluation = nil
    updates += 1
    stalenessSum += step.staleness
    stalenessMaximum = max(stalenessMaximum, step.staleness)
    guard let since else {
      (self.since, samples) = (now, 0)
      return
    }
    samples += step.sums.count
    let elapsed = now.since(since)
    guard elapsed >= Self.window else { return }
    measured = Double(samples) / elapsed.seconds
    (self.since, samples) = (now, 0)
  }
}
