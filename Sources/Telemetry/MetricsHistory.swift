package import Coordination
import Learning
import Numerics
import Wire

/// The part of a run's metrics file before the checkpoint that the run is resumed from.
package struct MetricsHistory: Sendable {
  /// Lines up to the checkpoint; later ones describe updates that will be repeated.
  package private(set) var text = ""
  /// The progress that these lines describe.
  package private(set) var progress = RunProgress()
  /// Seconds from the beginning of the run to the last of these lines.
  package private(set) var seconds = 0.0

  /// Creates the history of a new run.
  package init() {}

  /// Creates the history from the content of a file, up to the checkpoint `state`.
  ///
  /// Incomplete lines, such as the last one of a killed process, are omitted.
  ///
  /// - Parameter steps: number of updates of the whole run.
  package init(_ content: [UInt8], upTo state: ServerState, steps: UInt64) {
    for bytes in content.split(separator: UInt8(ascii: "\n")).dropLast(content.last == 10 ? 0 : 1) {
      guard let line = try? ReportJSON.decode(MetricsLine.self, from: bytes),
        line.isLasting || line.precedes(state)
      else { continue }
      let report = line.report(state.settings, steps: steps)
      if line.isLasting || report != nil { text += String(decoding: bytes, as: UTF8.self) + "\n" }
      guard let report else { continue }
      seconds = max(seconds, line.time)
      progress.note(report, at: line.moment)
    }
    progress.interrupt()
  }
}

/// One line of a metrics file; absent fields are nil.
private struct MetricsLine: Decodable {
  let kind: String
  let step: UInt64
  let seconds: Double
  let epoch: UInt64?
  let loss: Double?
  let accuracy: Double?
  let gradientNorm: Double?
  let staleness: UInt64?
  let workers: Int?
  let split: String?
  let samples: UInt64?

  private static let mostSeconds = 1e9
  /// The sum of so large numbers over all lines of a file does not overflow.
  private static let mostStaleness = UInt64(UInt32.max)

  /// Seconds since the beginning of the run, limited to a range that is safe to compute with.
  var time: Double { min(max(seconds, 0), Self.mostSeconds) }
  var moment: Moment { Moment(nanoseconds: UInt64(time * 1e9)) }

  /// Whether the line is kept whatever its step: it names a faulty worker, for which the run may
  /// have returned to an earlier step.
  var isLasting: Bool { kind == "audit" }

  /// Whether the line is older than the checkpoint. An evaluation that the checkpoint does not
  /// include will be repeated.
  func precedes(_ state: ServerState) -> Bool {
    let last = state.optimizer.step
    return step < last || step == last && (kind == "step" || state.isEvaluated)
  }

  /// Returns the server's report that the line describes, or nil for any other line.
  func report(_ settings: TrainingSettings, steps: UInt64) -> Report? {
    switch kind {
    case "step":
      guard let epoch, let staleness, let workers else { return nil }
      let recipe = settings.recipe
      return .stepped(
        StepReport(
          step: step, steps: steps, epoch: epoch, sums: sums(UInt64(recipe.batchSize)),
          learningRate: recipe.learningRate(step: step - min(step, 1), of: steps),
          gradientNorm: Float(gradientNorm ?? .nan),
          staleness: min(staleness, Self.mostStaleness),
          workers: workers))
    case "evaluation":
      guard let split = Split.allCases.first(where: { "\($0)" == split }), let samples else {
        return nil
      }
      return .evaluated(step: step, [SplitEvaluation(split: split, sums: sums(samples))])
    default: return nil
    }
  }

  private func sums(_ count: UInt64) -> SampleSums {
    let correct = UInt64(exactly: ((accuracy ?? 0) * Double(count)).rounded()) ?? 0
    return SampleSums(lossSum: (loss ?? .nan) * Double(count), correct: correct, count: count)
  }
}
