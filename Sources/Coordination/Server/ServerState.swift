package import Learning

/// The state that a server needs to resume a run; the content of a checkpoint.
///
/// Epoch, sample order and learning rate are functions of the settings and the weights version.
/// Outstanding leases are not part of the state: their work is leased again.
package struct ServerState: Sendable {
  /// The settings of the run.
  package let settings: TrainingSettings
  /// Fingerprint of the dataset.
  package let dataset: String
  /// Weights, moving averages, the optimizer's moments, and the number of updates.
  package let optimizer: Optimizer
  /// The batches that are in the weights; their count is the number of updates.
  package let applied: AppliedBatches
  /// Counters of the run over all incarnations of the server.
  package let audit: Audit
  /// Whether the evaluations due for these weights have been computed.
  package let isEvaluated: Bool
  /// Incarnations of workers that are not admitted again, oldest first.
  package let quarantine: [WorkerIncarnation]
  /// The workers with unaudited results in the weights.
  package let contributors: Contributors

  /// Creates a state from its parts.
  ///
  /// - Precondition: `applied.count == optimizer.step`.
  package init(
    settings: TrainingSettings, dataset: String, optimizer: Optimizer, applied: AppliedBatches,
    audit: Audit, isEvaluated: Bool, quarantine: [WorkerIncarnation] = [],
    contributors: Contributors = Contributors()
  ) {
    precondition(applied.count == optimizer.step, "every update applies one batch")
    self.settings = settings
    self.dataset = dataset
    self.optimizer = optimizer
    self.applied = applied
    self.audit = audit
    self.isEvaluated = isEvaluated
    self.quarantine = quarantine
    self.contributors = contributors
  }

  /// Creates the initial state of a run with these initial weights.
  package init(settings: TrainingSettings, dataset: String, optimizer: Optimizer) {
    self.init(
      settings: settings, dataset: dataset, optimizer: optimizer, applied: AppliedBatches(),
      audit: Audit(), isEvaluated: true)
  }
}
