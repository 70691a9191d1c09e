package import Coordination
package import Foundation
package import Learning
import Numerics
import Wire

/// The summary of a run: the content of `report.json`, and the table printed at its end.
package struct RunReport: Codable, Sendable, Equatable {
  /// Name of the dataset, and fingerprint of its content.
  package var dataset: String, datasetFingerprint: String
  /// Name of the recipe, and `sync`, `async` or `bounded`.
  package var recipe: String, mode: String
  /// The outcome: completed, stopped, abandoned or diverged.
  package var outcome: String
  /// Maximum number of workers at a time.
  package var workers: Int
  /// Number of updates, and seed of the run.
  package var steps: UInt64, seed: UInt64
  /// Model and batch.
  package var units: Int, layers: Int, batchSize: Int, slices: Int
  /// Share of correct samples, 0 to 1, and mean cross entropy in nats, over the training set. Both
  /// are absent for a split that was not evaluated with the final weights; the loss also if it is
  /// not finite.
  package var trainAccuracy: Double?, trainLoss: Double?
  /// The same over the validation set.
  package var validationAccuracy: Double?, validationLoss: Double?
  /// The same over the test set.
  package var testAccuracy: Double?, testLoss: Double?
  /// Training samples per second without the time of evaluations, and seconds of the whole run.
  package var samplesPerSecond: Double, seconds: Double
  /// Mean and maximum staleness of the updates, in weights versions.
  package var stalenessMean: Double, stalenessMaximum: UInt64
  /// Training samples whose gradients were applied, over all incarnations of the server.
  package var samplesApplied: UInt64
  /// Results that were not applied: duplicates, stale ones, and invalid ones.
  package var duplicatesRefused: UInt64, staleRefused: UInt64, resultsRejected: UInt64
  /// Peers and connections that were refused, by the kind of the refusal.
  package var refusals: [String: UInt64]
  /// Leases that were reissued or copied.
  package var leasesReissued: UInt64
  /// Leases that were audited, and results of these that were not the server's.
  package var leasesAudited: UInt64, resultsDiffering: UInt64
  /// Epochs of which every sample was applied, samples in an epoch, and samples applied of
  /// incomplete epochs.
  package var epochsComplete: UInt64, epochSize: UInt64, openEpochSamples: UInt64
  /// Whether these counters agree with each other and with the applied batches: each sample was
  /// applied exactly once.
  package var ledgerBalanced: Bool
  /// Name of the kernel variant of the server.
  package var kernels: String
  /// Path of the model, or nil if none was written.
  package var model: String?
  /// The protection of the connections of workers.
  package var protection = Protection.privateFolder

  /// A protection of connections.
  package enum Protection: String, Codable, Sendable {
    /// Only processes of the server's user can connect.
    case privateFolder
    /// Peers need a key, and connections are encrypted.
    case keys
    /// Every peer that can connect is admitted.
    case none
  }

  /// Creates the report of a run.
  package init(
    dataset: String, datasetFingerprint: String, settings: TrainingSettings, outcome: Outcome,
    audit: Audit, applied: AppliedBatches, plan: BatchPlan, progress: RunProgress,
    seconds: Double, kernels: String, model: String?
  ) {
    self.dataset = dataset
    self.datasetFingerprint = datasetFingerprint
    recipe = settings.recipe.name
    mode = settings.mode.rawValue
    self.outcome = outcome.word
    workers = progress.mostWorkers
    steps = applied.count
    seed = settings.seed
    units = settings.recipe.units
    layers = settings.recipe.layers
    batchSize = settings.recipe.batchSize
    slices = settings.recipe.slices
    samplesPerSecond = progress.samplesPerSecond
    self.seconds = seconds
    stalenessMean = progress.meanStaleness
    stalenessMaximum = progress.stalenessMaximum
    samplesApplied = audit.samplesApplied
    duplicatesRefused = audit.duplicatesRefused
    staleRefused = audit.staleRefused
    resultsRejected = audit.resultsRejected
    refusals = Dictionary(
      uniqueKeysWithValues: progress.refusals.map { ($0.key.rawValue, $0.value) })
    leasesReissued = audit.leasesReissued
    leasesAudited = audit.leasesAudited
    resultsDiffering = audit.resultsDiffering
    epochsComplete = audit.epochsComplete
    epochSize = UInt64(plan.sampleCount)
    openEpochSamples = audit.openEpochs.values.reduce(0, +)
    ledgerBalanced =
      audit.isBalanced(epochSize: UInt64(plan.sampleCount))
      && audit.samplesApplied == Self.samples(of: applied, plan: plan)
    self.kernels = kernels
    self.model = model
    let results = progress.evaluations.filter { $0.value.step == steps }.mapValues(\.result)
    let losses = results.mapValues(\.loss).filter(\.value.isFinite)
    (trainAccuracy, trainLoss) = (results[.train]?.accuracy, losses[.train])
    (validationAccuracy, validationLoss) = (results[.validation]?.accuracy, losses[.validation])
    (testAccuracy, testLoss) = (results[.test]?.accuracy, losses[.test])
  }

  /// Returns the report as JSON.
  package func json() throws -> Data { try ReportJSON.encode(self) }

  /// The report as a table.
  package var table: String {
    var lines = ["dataset     \(dataset)", "recipe      \(recipe), \(mode), seed \(seed)"]
    lines += [
      ("train", trainAccuracy, trainLoss), ("validation", validationAccuracy, validationLoss),
      ("test", testAccuracy, testLoss),
    ].compactMap { name, accuracy, loss in
      guard let accuracy else { return nil }
      let title = name.padding(toLength: 12, withPad: " ", startingAt: 0)
      let loss = loss.map { Formatting.fixed($0, 4) } ?? "not finite"
      return title + "accuracy \(Formatting.percent(accuracy))  loss \(loss)"
    }
    lines.append(
      "speed       \(Formatting.grouped(samplesPerSecond)) samples/s with \(workers) "
        + (workers == 1 ? "worker" : "workers")
        + ", \(steps) steps, \(Formatting.fixed(seconds, 1)) s in all")
    lines.append("ledger      \(ledgerLine)")
    if protection == .none {
      lines.append("protection  none: every peer was admitted (--insecure)")
    }
    if leasesAudited > 0 { lines.append("audit       \(auditLine)") }
    if let model { lines.append("model       \(model)") }
    return lines.joined(separator: "\n")
  }
}

extension Outcome {
  fileprivate var word: String {
    switch self {
    case .completed: "completed"
    case .stopped: "stopped"
    case .diverged: "diverged"
    case .abandoned: "abandoned"
    case .replay: "replay"
    }
  }
}
