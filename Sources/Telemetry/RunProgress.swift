package import Coordination
import Numerics
package import Wire

/// What is known about a run so far, folded from the server's reports; pure.
package struct RunProgress: Sendable {
  /// The last update.
  package private(set) var latest: StepReport?
  /// The last evaluation of each split, and the step it was made at.
  package private(set) var evaluations: [Split: (step: UInt64, result: SplitEvaluation)] = [:]
  /// Workers there are.
  package private(set) var workers = 0
  /// Most workers there have been at a time.
  package private(set) var mostWorkers = 0
  /// Sum and maximum of the staleness of all updates.
  package private(set) var stalenessSum: UInt64 = 0, stalenessMaximum: UInt64 = 0

  private var trainedSamples: UInt64 = 0
  private var trainingTime = Duration.zero
  private var lastEvent: Moment?
  private var recentSamples: UInt64 = 0
  private var recentSince: Moment?
  private var recentRate: Double?

  /// Nothing is known yet.
  package init() {}

  /// Takes note of what the server reports at `now`.
  package mutating func note(_ report: Report, at now: Moment) {
    switch report {
    case .joined(_, let count), .left(_, _, let count):
      workers = count
      mostWorkers = max(mostWorkers, count)
    case .stepped(let step):
      count(step, at: now)
    case .evaluated(let step, let results):
      for result in results { evaluations[result.split] = (step, result) }
      lastEvent = now
      recentSince = nil
    case .refused, .ignored, .rejected, .waiting, .reissued: break
    }
  }

  /// Takes note that the server ended here and another one goes on: nobody is there, and the time
  /// between does not count.
  package mutating func interrupt() {
    workers = 0
    (lastEvent, recentSince, recentRate) = (nil, nil, nil)
  }

  /// Training samples per second over the whole run. The time of evaluations, and the wait for the
  /// first update, do not count.
  package var samplesPerSecond: Double {
    trainingTime > .zero ? Double(trainedSamples) / trainingTime.seconds : 0
  }

  /// Training samples per second of the last second or so.
  package var currentSamplesPerSecond: Double { recentRate ?? samplesPerSecond }

  /// Mean staleness of the updates.
  package var meanStaleness: Double {
    guard let latest, latest.step > 0 else { return 0 }
    return Double(stalenessSum) / Double(latest.step)
  }

  /// Time left until the last update at the present pace, if it can be told.
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
