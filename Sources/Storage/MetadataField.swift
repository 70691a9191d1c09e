/// The names in the metadata of models and checkpoints, besides those of the settings and the
/// checksum. A checkpoint has all of them, of which the last four are optional; a model has those
/// up to the step.
enum MetadataField: String, CaseIterable {
  /// The kind of file and the version of its layout.
  case format
  /// Fingerprint of the dataset.
  case dataset
  case height = "image-height"
  case width = "image-width"
  case classes
  /// Number of updates.
  case step
  case training = "training-samples"
  case isEvaluated = "is-evaluated"
  /// The batches below this number are applied.
  case appliedBelow = "applied-below"
  /// Applied batches from ``appliedBelow`` on: numbers separated by commas.
  case appliedBeyond = "applied-beyond"
  case samplesApplied = "samples-applied"
  case duplicatesRefused = "duplicates-refused"
  case staleRefused = "stale-refused"
  case resultsRejected = "results-rejected"
  case leasesReissued = "leases-reissued"
  case epochsComplete = "epochs-complete"
  /// Samples applied of incomplete epochs: EPOCH:COUNT, separated by commas.
  case openEpochs = "open-epochs"
  /// The quarantined incarnations of workers: NAME:INCARNATION, separated by commas, with names in
  /// percent encoding and incarnations in hexadecimal. Absent if there is none.
  case quarantine
  /// The workers with unaudited results in the weights, each with the first step that contains one:
  /// NAME:STEP, separated by commas, with names in percent encoding; an empty name stands for all
  /// others. Absent before the first update, and in files of earlier versions.
  case contributors
  /// Absent if no lease was audited.
  case leasesAudited = "leases-audited"
  /// Absent if no lease was audited.
  case resultsDiffering = "results-differing"
}
