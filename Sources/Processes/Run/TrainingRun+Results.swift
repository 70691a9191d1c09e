import Coordination
import Foundation
import Learning
import Logging
import Numerics
import Storage
import Telemetry
import Wire

/// The files of a run that are written at its start and at its end.
extension TrainingRun {
  /// Writes the endpoints and the settings to their files, and logs them.
  func announce(_ bound: [String], health: String?) throws {
    let published = configuration.advertisement.endpoints(bound: bound)
    if hasKeys { try RunKeys(run: folder.path).publish(published) }
    try folder.write(listening(bound) + "\n", to: folder.listening)
    try folder.write(published.map { $0 + "\n" }.joined(), to: folder.endpoint)
    var pairs = Dictionary(uniqueKeysWithValues: settings.pairs.map { ($0.key, $0.value) })
    pairs[RunFolder.dataKey] = configuration.data
    try AtomicFile.write(Array(ReportJSON.encode(pairs)), to: folder.settings)
    display.logger.info(
      "server is listening",
      metadata: [
        "server.endpoint": "\(published.joined(separator: " "))", "dataset.name": "\(dataset.name)",
        "recipe": "\(settings.recipe.name)",
        "mode": "\(settings.mode.rawValue)", "run": "\(folder.path)",
      ])
    if let health {
      display.logger.info(
        "health is served over HTTP",
        metadata: ["health.endpoint": "\(health)", "paths": "/healthz /readyz"])
    }
    if hasKeys {
      display.logger.info(
        "workers join with",
        metadata: [
          "command": "tributary worker --join \(RunKeys(run: folder.path).invitation)"
        ])
    } else if configuration.isInsecure {
      display.logger.warning(
        "every peer that can connect may end or falsify this run (--insecure)")
    }
  }

  /// Returns the endpoint that a later server of this run listens at: the one of the configuration
  /// with the port in use.
  private func listening(_ bound: [String]) -> String {
    guard var address = TCPAddress(configuration.endpoint),
      let port = bound.lazy.compactMap({ TCPAddress($0)?.port }).first
    else { return configuration.endpoint }
    address.port = port
    return address.endpoint
  }

  /// The protection of connections, for the report.
  private var protection: RunReport.Protection {
    if hasKeys { return .keys }
    return configuration.isInsecure ? .none : .privateFolder
  }

  /// Writes the first checkpoint of a run that is new or has a new length, from which it can be
  /// resumed.
  func writeFirstCheckpoint() throws {
    if start.isResumed {
      display.logger.info(
        "run resumes",
        metadata: ["run": "\(folder.path)", "step": "\(start.state.optimizer.step)"])
    }
    guard start.isChanged else { return }
    try start.checkpoints.write(Checkpoint(start.state, dataset: dataset))
  }

  /// Logs that the run continues from earlier weights.
  func logReturn(to step: UInt64) {
    display.logger.warning(
      "run returns to earlier weights", metadata: ["run": "\(folder.path)", "step": "\(step)"])
  }

  /// Writes the model and then the report, whose presence marks a complete run.
  ///
  /// - Returns: the report, and the failure of either write.
  func save(
    _ core: ServerCore, _ outcome: Outcome, _ progress: RunProgress, seconds: Double
  ) throws -> (report: RunReport, failure: FileError?) {
    var report = RunReport(
      dataset: dataset.name, datasetFingerprint: dataset.fingerprint, settings: settings,
      outcome: outcome, audit: core.audit, applied: core.applied, plan: core.plan,
      progress: progress, seconds: seconds, kernels: configuration.kernels.variant.rawValue,
      model: nil)
    report.protection = protection
    do {
      try saveModel(core)
      report.model = folder.model
      try makingRoom { try AtomicFile.write(Array(report.json()), to: folder.report) }
      return (report, nil)
    } catch let error as FileError {
      return (report, error)
    }
  }

  private func saveModel(_ core: ServerCore) throws {
    let model = ModelFile(
      settings: settings, shape: core.optimizer.shape, dataset: dataset,
      weights: core.optimizer.weights, step: core.version)
    try makingRoom { try model.write(to: folder.model) }
  }

  /// Writes a file; if the disk is full, it removes old checkpoints, one at a time, and tries
  /// again.
  private func makingRoom(_ write: () throws -> Void) throws {
    while true {
      do {
        return try write()
      } catch let error as FileError where error.isOutOfSpace {
        guard let removed = try? start.checkpoints.removeOldest() else { throw error }
        display.logger.warning(
          "old checkpoint removed to make room", metadata: ["file": "\(removed)"])
      }
    }
  }
}
