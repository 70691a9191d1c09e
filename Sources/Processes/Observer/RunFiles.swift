import Coordination
import Foundation
import Learning
import Storage
import Telemetry
import Wire

/// The state of a run without a server, from the files in its folder.
struct RunFiles {
  private let path: String

  /// The end of the metrics that is read: more than a hundred lines.
  private static let mostMetrics: UInt64 = 1 << 16

  /// Creates a reader of the folder at `path`, which may hold no run.
  init(_ path: String) { self.path = path }

  /// The endpoints of the last server, unless that has written its report, which it does last.
  var endpointsInUse: [String] {
    guard let begun = Self.time(of: path + "/endpoint") else { return [] }
    if let ended = Self.time(of: report), ended >= begun { return [] }
    return RunFolder.publishedEndpoints(path)
  }

  /// Returns the state that the files describe.
  ///
  /// - Throws: ``RunError/noRun(folder:)``, or an error of a file.
  func state() throws -> StatusReport {
    guard RunFolder.holdsRun(path) else { throw RunError.noRun(folder: path) }
    var pairs = try RunFolder.recordedSettings(path)
    pairs[RunFolder.dataKey] = nil
    let settings = try TrainingSettings(pairs.map { Setting(key: $0.key, value: $0.value) })
    var state = StatusReport(
      phase: .stopped, recipe: settings.recipe.name, mode: settings.mode.rawValue, step: 0)
    if let update = lastUpdate {
      state.step = update.step
      (state.epoch, state.loss, state.accuracy) = (update.epoch, update.loss, update.accuracy)
    }
    guard endpointsInUse.isEmpty, let report = try ending() else { return state }
    switch report.outcome {
    case "completed": state.phase = StatusReport.name(of: .complete)
    case "diverged": state.phase = StatusReport.name(of: .diverged)
    default: break
    }
    state.step = report.steps
    state.steps =
      BatchPlan(recipe: settings.recipe, sampleCount: Int(clamping: report.epochSize)).steps
    state.samples = report.samplesApplied
    state.samplesPerSecond = report.samplesPerSecond
    (state.stalenessMean, state.stalenessMaximum) = (report.stalenessMean, report.stalenessMaximum)
    return state
  }

  private var report: String { path + "/report.json" }

  /// The report of the last server; nil if there is none, or not a valid one.
  private func ending() throws -> RunReport? {
    guard let json = try? InputFile.read(path: report, limit: 1 << 20),
      let report = try? ReportJSON.decode(RunReport.self, from: json),
      (1...1 << 32).contains(report.epochSize)
    else { return nil }
    return report
  }

  private var lastUpdate: LastUpdate? {
    guard let file = FileHandle(forReadingAtPath: path + "/metrics.jsonl"),
      let size = try? file.seekToEnd(),
      (try? file.seek(toOffset: size - min(size, Self.mostMetrics))) != nil,
      let bytes = try? file.readToEnd()
    else { return nil }
    return LastUpdate(in: Array(bytes))
  }

  /// The time of the last change of a file, in nanoseconds; nil if there is none.
  private static func time(of path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
  }
}
