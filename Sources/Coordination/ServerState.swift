package import Learning

/// Everything a server has to know to go on where another one stopped: what a checkpoint holds.
///
/// Epoch, order of the samples and learning rate are functions of the settings and the step. Leases
/// that are out are not part of it: their work is open again.
package struct ServerState: Sendable {
  /// What the run computes.
  package let settings: TrainingSettings
  /// Fingerprint of the dataset.
  package let dataset: String
  /// Weights, moving averages, Adam's moments, and the number of updates.
  package let optimizer: Optimizer
  /// The batches that are in the weights, as many as there were updates.
  package let applied: AppliedBatches
  /// The books of the run, all its lives together.
  package let audit: Audit
  /// Whether what was to be evaluated with these weights has been.
  package let isEvaluated: Bool

  /// A state from its parts.
  ///
  /// - Precondition: `applied.count == optimizer.step`.
  package init(
    settings: TrainingSettings, dataset: String, optimizer: Optimizer, applied: AppliedBatches,
    audit: Audit, isEvaluated: Bool
  ) {
    precondition(applied.count == optimizer.step, "every update applies one batch")
    self.settings = settings
    self.dataset = dataset
    self.optimizer = optimizer
    self.applied = applied
    self.audit = audit
    self.isEvaluated = isEvaluated
  }

  /// The state at the beginning of a run, with these initial weights.
  package init(settings: TrainingSettings, dataset: String, optimizer: Optimizer) {
    self.init(
      settings: settings, dataset: dataset, optimizer: optimizer, applied: AppliedBatches(),
      audit: Audit(), isEvaluated: true)
  }
}
