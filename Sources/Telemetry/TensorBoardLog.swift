package import Coordination
package import Foundation
import Numerics
import Wire

/// The curves of a run for TensorBoard, in the layout of the first notebook: event files in two
/// folders, `train` for the minibatches and `validation` for the whole validation set, both with
/// the tags `loss` and `accuracy`, so that one plot shows two curves.
///
/// `train` also has `learning_rate`, `gradient_norm` (before clipping), `staleness`,
/// `samples_per_second`, and the settings as a text. Events are buffered and written about once a
/// second, so that a killed run loses only its last second of them. Not thread-safe.
package final class TensorBoardLog {
  private let train: EventFile
  private let validation: EventFile
  private let start: Moment
  private let startTime: Double
  private var lastWritten: Moment

  /// Creates new files in `folder`/train and `folder`/validation; missing folders are created.
  ///
  /// - Parameters:
  ///   - facts: names and values to show after the settings.
  ///   - resumed: number of updates before the start. If 0, event files of an earlier run in these
  ///     folders are removed; otherwise they stay, and TensorBoard ignores their later steps.
  ///   - start: the moment that corresponds to `date`. The wall clock is read only once, so that
  ///     changes of it do not distort curves.
  /// - Throws: the error of the file system.
  package init(
    folder: String, settings: TrainingSettings, facts: [(name: String, value: String)] = [],
    resumed: UInt64 = 0, start: Moment, date: Date = Date()
  ) throws {
    self.start = start
    startTime = date.timeIntervalSince1970
    lastWritten = start
    train = try Self.file(folder + "/train", resumed: resumed, time: startTime)
    validation = try Self.file(folder + "/validation", resumed: resumed, time: startTime)
    let pairs = settings.pairs.map { (name: $0.key, value: $0.value) } + facts
    train.append(
      BoardEvent(
        time: startTime, step: resumed,
        content: .text(tag: "settings", markdown: Self.table(pairs))))
    try flush()
  }

  /// Adds the points of a report, which `progress` already includes.
  package func note(_ report: Report, progress: RunProgress, at now: Moment) {
    let time = startTime + now.since(start).seconds
    switch report {
    case .stepped(let step):
      train.append(
        BoardEvent(time: time, step: step.step, content: .scalars(scalars(step, progress))))
    case .evaluated(let step, let results):
      for result in results where result.split == .validation {
        let scalars = [("loss", result.loss), ("accuracy", result.accuracy)]
        validation.append(BoardEvent(time: time, step: step, content: .scalars(scalars)))
      }
    case .joined, .left, .refused, .closed, .ignored, .rejected, .waiting, .reissued, .evaluating,
      .disputed, .differing, .differed, .slow, .diverged:
      break
    }
  }

  /// Writes the buffered events if the last attempt was at least a second ago.
  ///
  /// - Throws: the error of the file system; the events stay buffered for the next attempt.
  package func flushIfDue(at now: Moment) throws {
    guard now.since(lastWritten) >= .seconds(1) else { return }
    lastWritten = now
    try flush()
  }

  /// Writes the buffered events.
  ///
  /// - Throws: the error of the file system; the events stay buffered.
  package func flush() throws {
    try train.flush()
    try validation.flush()
  }

  /// Returns the number of events that were dropped since the last call, because too many were
  /// buffered.
  package func takeDropped() -> UInt64 { train.takeDropped() + validation.takeDropped() }

  private func scalars(
    _ step: StepReport, _ progress: RunProgress
  ) -> [(tag: String, value: Double)] {
    let speed = progress.currentSamplesPerSecond
    return [
      ("loss", step.sums.meanLoss), ("accuracy", step.sums.accuracy),
      ("learning_rate", Double(step.learningRate)),
      ("gradient_norm", Double(step.gradientNorm)), ("staleness", Double(step.staleness)),
    ] + (speed > 0 ? [("samples_per_second", speed)] : [])
  }

  private static func file(_ folder: String, resumed: UInt64, time: Double) throws -> EventFile {
    let manager = FileManager.default
    try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    if resumed == 0 {
      for name in try manager.contentsOfDirectory(atPath: folder)
      where name.hasPrefix(EventFile.prefix) {
        try manager.removeItem(atPath: folder + "/" + name)
      }
    }
    let file = try EventFile(folder: folder, time: time)
    if resumed > 0 { file.append(BoardEvent(time: time, step: resumed + 1, content: .restart)) }
    return file
  }

  /// Returns a Markdown table of settings.
  static func table(_ pairs: [(name: String, value: String)]) -> String {
    let rows = pairs.map { pair in
      "| \(pair.name) | \(pair.value.replacing("|", with: "\\|")) |"
    }
    return (["| setting | value |", "|---|---|"] + rows).joined(separator: "\n")
  }
}
