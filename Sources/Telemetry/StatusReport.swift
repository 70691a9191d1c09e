package import Foundation
package import Wire

/// The state of a run for its user: from a server's answer, or from the files of a run without a
/// server. Absent values are not known.
package struct StatusReport: Encodable, Sendable, Equatable {
  /// The work of the run: waiting, training, evaluating, complete, stopped or diverged.
  package var phase: String
  /// Name of the recipe, and `sync`, `async` or `bounded`.
  package var recipe: String, mode: String
  /// Updates made, and updates of the whole run.
  package var step: UInt64, steps: UInt64?
  /// Epoch of the last update, counted from 0, and training samples in the weights.
  package var epoch: UInt64?, samples: UInt64?
  /// Workers with a session, those of them that are ready, and those that the run needs now.
  package var workers: Int, workersReady: Int, workersNeeded: Int
  /// Mean cross entropy and share of correct samples in the batch of the last update.
  package var loss: Double?, accuracy: Double?
  /// Training samples per second: now, or over the whole run if it has ended.
  package var samplesPerSecond: Double?
  /// Mean and maximum staleness of the updates, in versions of the weights.
  package var stalenessMean: Double?, stalenessMaximum: UInt64?
  /// Samples evaluated and samples to evaluate of the split that is evaluated now.
  package var evaluated: UInt64?, evaluationTotal: UInt64?

  /// Creates a report from the parts that are known of every run.
  package init(phase: RunStatus.Phase, recipe: String, mode: String, step: UInt64) {
    self.phase = Self.name(of: phase)
    self.recipe = recipe
    self.mode = mode
    self.step = step
    (workers, workersReady, workersNeeded) = (0, 0, 0)
  }

  /// Returns the name of a phase in reports.
  package static func name(of phase: RunStatus.Phase) -> String { "\(phase)" }

  /// Creates a report from a server's answer.
  package init(_ status: RunStatus) {
    self.init(
      phase: status.phase, recipe: status.recipe, mode: status.mode, step: status.step)
    steps = status.steps
    (epoch, samples) = (status.epoch, status.samples)
    (workers, workersReady) = (Int(status.workers), Int(status.readyWorkers))
    workersNeeded = Int(status.neededWorkers)
    loss = status.loss.isFinite ? status.loss : nil
    accuracy = status.accuracy.isFinite ? status.accuracy : nil
    samplesPerSecond = status.samplesPerSecond.isFinite ? status.samplesPerSecond : nil
    stalenessMean = status.stalenessMean.isFinite ? status.stalenessMean : nil
    stalenessMaximum = status.stalenessMaximum
    guard status.evaluationTotal > 0 else { return }
    (evaluated, evaluationTotal) = (status.evaluated, status.evaluationTotal)
  }

  /// Returns the report as JSON.
  package func json() throws -> Data { try ReportJSON.encode(self) }

  /// The report as a table.
  package var table: String {
    var lines = ["phase       \(phase)", "run         \(recipe), \(mode)"]
    let place = [steps.map { "of \(Formatting.grouped($0))" }, epoch.map { "in epoch \($0)" }]
    lines.append(
      (["step        \(Formatting.grouped(step))"] + place.compactMap(\.self))
        .joined(separator: " "))
    if let samples { lines.append("samples     \(Formatting.grouped(samples))") }
    if let evaluated, let evaluationTotal {
      lines.append(
        "evaluated   \(Formatting.grouped(evaluated)) of \(Formatting.grouped(evaluationTotal))")
    }
    lines.append("workers     \(workers), \(workersReady) ready, \(workersNeeded) needed")
    if let loss {
      let accuracy = accuracy.map { "  accuracy \(Formatting.percent($0))" } ?? ""
      lines.append("loss        \(Formatting.fixed(loss, 4))\(accuracy)")
    }
    if let samplesPerSecond {
      lines.append("speed       \(Formatting.grouped(samplesPerSecond)) samples/s")
    }
    if let stalenessMean, let stalenessMaximum {
      lines.append(
        "staleness   mean \(Formatting.fixed(stalenessMean, 2)), maximum \(stalenessMaximum)")
    }
    return lines.joined(separator: "\n")
  }

  /// The report in one short line, for a service manager.
  package var line: String {
    var parts = [phase, steps.map { "step \(step) of \($0)" } ?? "step \(step)"]
    if let loss { parts.append("loss \(Formatting.fixed(loss, 4))") }
    parts.append(workers == 1 ? "1 worker" : "\(workers) workers")
    return parts.joined(separator: ", ")
  }
}
