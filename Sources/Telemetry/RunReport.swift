package import Coordination
package import Foundation
package import Learning
import Wire

/// How a run went: the content of `report.json`, and the table at the end of a training.
package struct RunReport: Codable, Sendable, Equatable {
  /// Name of the dataset, and the fingerprint of its content.
  package var dataset: String, datasetFingerprint: String
  /// Name of the recipe, and `sync`, `async` or `bounded`.
  package var recipe: String, mode: String
  /// How the run ended: completed, stopped, abandoned or diverged.
  package var outcome: String
  /// Most workers there were at a time.
  package var workers: Int
  /// Updates made, and seed of the run.
  package var steps: UInt64, seed: UInt64
  /// Model and batch.
  package var units: Int, layers: Int, batchSize: Int, slices: Int
  /// Share of correct samples, 0 to 1, and mean cross entropy in nats, over the training set; these
  /// and those of the other splits are absent if the run ended before they were evaluated.
  package var trainAccuracy: Double?, trainLoss: Double?
  /// The same over the validation set.
  package var validationAccuracy: Double?, validationLoss: Double?
  /// The same over the test set.
  package var testAccuracy: Double?, testLoss: Double?
  /// Training samples per second, evaluations not counted, and seconds of the whole run.
  package var samplesPerSecond: Double, seconds: Double
  /// Versions between gradients and the weights they were applied to.
  package var stalenessMean: Double, stalenessMaximum: UInt64
  /// Training samples whose gradients are in the weights, over all lives of the server.
  package var samplesApplied: UInt64
  /// Results that were kept from the weights: for leases fulfilled before, out of date, and wrong.
  package var duplicatesRefused: UInt64, staleRefused: UInt64, resultsRejected: UInt64
  /// Leases that were given out once more.
  package var leasesReissued: UInt64
  /// Epochs of which every sample is in the weights, samples in an epoch, and samples of epochs
  /// that are not complete.
  package var epochsComplete: UInt64, epochSize: UInt64, openEpochSamples: UInt64
  /// Whether these numbers agree with each other and with the batches applied: each sample of them
  /// is in the weights exactly once.
  package var ledgerBalanced: Bool
  /// The kernels that this process used.
  package var kernels: String
  /// Where the model is.
  package var model: String?

  /// The report of a run.
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
    leasesReissued = audit.leasesReissued
    epochsComplete = audit.epochsComplete
    epochSize = UInt64(plan.sampleCount)
    openEpochSamples = audit.openEpochs.values.reduce(0, +)
    ledgerBalanced =
      audit.isBalanced(epochSize: UInt64(plan.sampleCount))
      && audit.samplesApplied == Self.samples(of: applied, plan: plan)
    self.kernels = kernels
    self.model = model
    let results = progress.evaluations.filter { $0.value.step == steps }.mapValues(\.result)
    (trainAccuracy, trainLoss) = (results[.train]?.accuracy, results[.train]?.loss)
    validationAccuracy = results[.validation]?.accuracy
    validationLoss = results[.validation]?.loss
    (testAccuracy, testLoss) = (results[.test]?.accuracy, results[.test]?.loss)
  }

  /// The report as JSON with keys in snake case, sorted, ending with a line end.
  package func json() throws -> Data { try JSONReport.encode(self) }

  /// The report for people.
  package var table: String {
    var lines = ["dataset     \(dataset)", "recipe      \(recipe), \(mode), seed \(seed)"]
    lines += [
      ("train", trainAccuracy, trainLoss), ("validation", validationAccuracy, validationLoss),
      ("test", testAccuracy, testLoss),
    ].compactMap { name, accuracy, loss in
      guard let accuracy, let loss else { return nil }
      let title = name.padding(toLength: 12, withPad: " ", startingAt: 0)
      return title + "accuracy \(Formatting.percent(accuracy))  loss \(Formatting.fixed(loss, 4))"
    }
    lines.append(
      "speed       \(Formatting.grouped(samplesPerSecond)) samples/s with \(workers) "
        + (workers == 1 ? "worker" : "workers")
        + ", \(steps) steps, \(Formatting.fixed(seconds, 1)) s in all")
    lines.append("ledger      \(ledgerLine)")
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
    }
  }
}
