package import Coordination
import Numerics
package import Wire

/// The state of a run, accumulated from the server's reports. It uses no clock of its own.
package struct RunProgress: Sendable {
  /// The last update.
  package private(set) var latest: StepReport?
  /// The progress of the evaluation under way, if any.
  package private(set) var evaluation: EvaluationProgress?
  /// The last evaluation of each split, and its step.
  package private(set) var evaluations: [Split: (step: UInt64, result: SplitEvaluation)] = [:]
  /// Number of workers.
  package private(set) var workers = 0
  /// Maximum number of workers at a time.
  package private(set) var mostWorkers = 0
  /// Sum and maximum of the staleness of all updates.
  package private(set) var stalenessSum: UInt64 = 0, stalenessMaximum: UInt64 = 0

  /// Number of refused peers and connections by the kind of the refusal.
  package private(set) var refusals: [RefusalKind: UInt64] = [:]

  private var trainedSamples: UInt64 = 0
  private var trainingTime = Duration.zero
  private var lastEvent: Moment?
  private var recentSamples: UInt64 = 0
  private var recentSince: Moment?
  private var recentRate: Double?

  /// Creates the state before the first report.
  package init() {}

  /// Adds a report of the server.
  package mutating func note(_ report: Report, at now: Moment) {
    switch report {
    case .joined(_, let count), .left(_, _, let count):
      workers = count
      mostWorkers = max(mostWorkers, count)
    case .stepped(let step):
      evaluation = nil
      count(step, at: now)
    case .evaluating(let progress): evaluation = progress
    case .evaluated(let step, let results):
      for result in results { evaluations[result.split] = (step, result) }
      evaluation = nil
      lastEvent = now
      recentSince = nil
    case .refused(let kind, _, _): refusals[kind, default: 0] += 1
    case .closed(let kind, let count, _): refusals[kind, default: 0] += UInt64(count)
    case .ignored: refusals[.malformed, default: 0] += 1
    case .rejected, .waiting, .reissued, .disputed, .differing, .differed, .slow, .diverged: break
    }
  }

  /// Marks the end of a server whose run another one resumes: no worker is present, and the time
  /// until the next report does not count.
  package mutating func interrupt() {
    workers = 0
    evaluation = nil
    (lastEvent, recentSince, recentRate) = (nil, nil, nil)
  }

  /// Training samples per second over the whole run, without the time of evaluations and the time
  /// until the first update.
  package var samplesPerSecond: Double {
    trainingTime > .zero ? Double(trainedSamples) / trainingTime.seconds : 0
  }

  /// Training samples per second over about the last second.
  package var currentSamplesPerSecond: Double { recentRate ?? samplesPerSecond }

  /// Mean staleness of the updates.
  package var meanStaleness: Double {
    guard let latest, latest.step > 0 else { return 0 }
    return Double(stalenessSum) / Double(latest.step)
  }

  /// Time until the last update at the current speed; nil if the speed is not measured yet.
  package var timeLeft: Duration? {
    guard let latest, latest.sums.count > 0, currentSamplesPerSecond > 0 else { return nil }
    let samples = Double(latest.steps - min(latest.step, latest.steps)) * Double(latest.sums.count)
    return .seconds(samples / currentSamplesPerSecond)
  }

  private mutating func count(_ step: StepReport, at now: Moment) {
    latest = step
    mostWorkers = max(mostWorkers, step.workers)
    stalenessSum += step.staleness
    stalenessMaximum = max(stalenessMaximum, step.staleness)
    if let lastEvent {
      trainedSamples += step.sums.count
      trainingTime += now.since(lastEvent)
    }
    lastEvent = now
    recentSamples += step.sums.count
    guard let since = recentSince else {
      recentSince = now
      recentSamples = 0
      return
    }
    let window = now.since(since)
    guard window >= .seconds(1) else { return }
    recentRate = Double(recentSamples) / window.seconds
    recentSince = now
    recentSamples = 0
  }
}
