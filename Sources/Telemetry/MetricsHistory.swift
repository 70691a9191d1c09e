package import Coordination
import Foundation
import Learning
import Numerics
import Wire

/// What the metrics file of a run tells of the time before a checkpoint, from which another server
/// goes on.
package struct MetricsHistory: Sendable {
  /// The lines that stay: of what came after the checkpoint, nothing has happened.
  package private(set) var text = ""
  /// What they amount to.
  package private(set) var progress = RunProgress()
  /// Seconds from the beginning of the run to the last of them.
  package private(set) var seconds = 0.0

  /// No time has gone by.
  package init() {}

  /// Reads the content of a file up to the checkpoint `state`.
  ///
  /// - Parameter steps: updates of the whole run.
  ///
  /// A line that is not whole, such as the last one of a process that was killed, is left out.
  package init(_ content: [UInt8], upTo state: ServerState, steps: UInt64) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    for bytes in content.split(separator: UInt8(ascii: "\n")).dropLast(content.last == 10 ? 0 : 1) {
      guard let line = try? decoder.decode(MetricsLine.self, from: Data(bytes)),
        line.precedes(state), let report = line.report(state.settings, steps: steps)
      else { continue }
      text += String(decoding: bytes, as: UTF8.self) + "\n"
      seconds = max(seconds, line.time)
      progress.note(report, at: line.moment)
    }
    progress.interrupt()
  }
}

/// One line of a metrics file; what it does not have is nil.
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

  /// Seconds since the beginning of the run, such that they can be counted with.
  var time: Double { min(max(seconds, 0), Self.mostSeconds) }
  var moment: Moment { Moment(nanoseconds: UInt64(time * 1e9)) }

  /// Whether it is of the time before the checkpoint; an evaluation that the checkpoint is without
  /// will be made again.
  func precedes(_ state: ServerState) -> Bool {
    let last = state.optimizer.step
    return step < last || step == last && (kind == "step" || state.isEvaluated)
  }

  /// What the server reported; nil if this is no such line.
  func report(_ settings: TrainingSettings, steps: UInt64) -> Report? {
    switch kind {
    case "step":
      guard let epoch, let staleness, let workers else { return nil }
      let recipe = settings.recipe
      return .stepped(
        StepReport(
          step: step, steps: steps, epoch: epoch, sums: sums(UInt64(recipe.batchSize)),
          learningRate: recipe.learningRate(step: step - min(step, 1), of: steps),
          gradientNorm: Float(gradientNorm ?? .nan), staleness: min(staleness, steps),
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
