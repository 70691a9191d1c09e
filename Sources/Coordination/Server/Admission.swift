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

  /// Refuses an incarnation from now on, and its key unless several workers share that.
  mutating func quarantine(_ incarnation: WorkerIncarnation, of credential: Credential?) {
    refuse(incarnation)
    if let credential, !credential.isShared { refuse(WorkerIncarnation(key: credential.name)) }
  }

  private mutating func refuse(_ incarnation: WorkerIncarnation) {
    guard quarantined.insert(incarnation).inserted else { return }
    quarantine.append(incarnation)
    if quarantine.count > Self.quarantineLimit { quarantined.remove(quarantine.removeFirst()) }
  }

  /// A reason to refuse a worker.
  struct Objection: Sendable, Equatable {
    let reason: RefusalReason
    /// The reason for the worker, without properties of the run.
    let text: String
    /// What only the server's log adds.
    var more = ""

    init(_ reason: RefusalReason, _ text: String, more: String = "") {
      (self.reason, self.text, self.more) = (reason, text, more)
    }
  }

  /// Returns the reason to refuse a worker, or nil if it may join.
  ///
  /// - Parameters:
  ///   - workers: the number of members.
  ///   - isBack: whether one of them is this incarnation, on an earlier connection.
  ///   - hasEnded: whether the members have been notified of the end of the run.
  func objection(
    to hello: Hello, of credential: Credential?, workers: Int, isBack: Bool, hasEnded: Bool
  ) -> Objection? {
    if hasEnded { return Objection(.finished, "this run has ended") }
    let key = credential.map { WorkerIncarnation(key: $0.name) }
    guard !quarantined.contains(WorkerIncarnation(hello)), !quarantined.contains(optional: key)
    else {
      return Objection(
        .quarantined, "its results were rejected repeatedly or were not reproducible")
    }
    guard isBack || workers < maximumWorkers else {
      return Objection(.full, "the server has \(workers) workers, its maximum")
    }
    let versions = Message.supportedVersions
    guard versions.overlaps(hello.minimumProtocol...hello.maximumProtocol) else {
      return Objection(
        .protocolVersion,
        "the server supports protocol versions \(versions), the worker supports "
          + "\(hello.minimumProtocol)...\(hello.maximumProtocol); "
          + "use the same release of tributary on both sides"
      )
    }
    return mismatch(of: hello)
  }

  /// Returns the first property of the worker that differs from the run's.
  private func mismatch(of hello: Hello) -> Objection? {
    guard hello.dataset == dataset else {
      return Objection(
        .dataset, "the server has another dataset; the worker's is \(hello.dataset.printable)",
        more: ", the server's is \(dataset)")
    }
    guard hello.recipe.isEmpty || hello.recipe == settings.recipe.name else {
      return Objection(
        .recipe, "the server has another recipe; the worker's is \(hello.recipe.printable)",
        more: ", the server's is \(settings.recipe.name)")
    }
    guard hello.model == 0 || hello.model == settings.fingerprint else {
      return Objection(
        .model,
        "the server has other settings; the worker's are \(hello.model.hexadecimal)",
        more: ", the server's are \(settings.fingerprint.hexadecimal)")
    }
    return nil
  }
}

extension Set {
  fileprivate func contains(optional element: Element?) -> Bool {
    element.map(contains) ?? false
  }
}
