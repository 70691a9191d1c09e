import Bytes
import Learning
import Wire

/// The conditions for joining a run, and the incarnations that are refused.
struct Admission: Sendable {
  /// Maximum number of quarantined incarnations of workers.
  static let quarantineLimit = 1024

  private let dataset: String
  private let settings: TrainingSettings
  private let maximumWorkers: Int
  private var quarantined: Set<WorkerIncarnation>
  /// The quarantined incarnations, oldest first.
  private(set) var quarantine: [WorkerIncarnation]

  /// Creates the admission of a run.
  ///
  /// - Parameter quarantine: the incarnations that an earlier server of the run quarantined.
  init(
    dataset: String, settings: TrainingSettings, maximumWorkers: Int,
    quarantine: [WorkerIncarnation]
  ) {
    self.dataset = dataset
    self.settings = settings
    self.maximumWorkers = maximumWorkers
    self.quarantine = quarantine.suffix(Self.quarantineLimit)
    quarantined = Set(self.quarantine)
  }

  /// Refuses an incarnation from now on.
  mutating func quarantine(_ incarnation: WorkerIncarnation) {
    guard quarantined.insert(incarnation).inserted else { return }
    quarantine.append(incarnation)
    if quarantine.count > Self.quarantineLimit { quarantined.remove(quarantine.removeFirst()) }
  }

  /// Returns the reason to refuse a worker, or nil if it may join.
  ///
  /// - Parameters:
  ///   - workers: the number of members.
  ///   - isBack: whether one of them is this incarnation, on an earlier connection.
  ///   - hasEnded: whether the run has an outcome.
  func objection(
    to hello: Hello, workers: Int, isBack: Bool, hasEnded: Bool
  ) -> (RefusalReason, String)? {
    if hasEnded { return (.finished, "this run has ended") }
    guard !quarantined.contains(WorkerIncarnation(hello)) else {
      return (.quarantined, "its results were rejected repeatedly or were not reproducible")
    }
    guard isBack || workers < maximumWorkers else {
      return (.full, "the server has \(workers) workers, its maximum")
    }
    let versions = Message.supportedVersions
    guard versions.overlaps(hello.minimumProtocol...hello.maximumProtocol) else {
      return (
        .protocolVersion,
        "the server supports protocol versions \(versions), the worker supports "
          + "\(hello.minimumProtocol)...\(hello.maximumProtocol); "
          + "use the same release of tributary on both sides"
      )
    }
    return mismatch(of: hello)
  }

  /// Returns the first property of the worker that differs from the run's.
  private func mismatch(of hello: Hello) -> (RefusalReason, String)? {
    guard hello.dataset == dataset else {
      return (.dataset, "the server's dataset is \(dataset), the worker's is \(hello.dataset)")
    }
    guard hello.recipe.isEmpty || hello.recipe == settings.recipe.name else {
      return (
        .recipe, "the server's recipe is \(settings.recipe.name), the worker's is \(hello.recipe)"
      )
    }
    guard hello.model == 0 || hello.model == settings.fingerprint else {
      return (
        .model,
        "the server's settings are \(settings.fingerprint.hexadecimal), the worker's are "
          + "\(hello.model.hexadecimal)"
      )
    }
    return nil
  }
}
