/// A worker introduces itself.
package struct Hello: Sendable, Hashable {
  /// The lowest version of the protocol that the worker speaks.
  package var minimumProtocol: UInt16
  /// The highest version of the protocol that the worker speaks; not below the lowest.
  package var maximumProtocol: UInt16
  /// The worker's name, for people.
  package var name: String
  /// A number drawn anew at each start of the worker, which tells two lives of one name apart.
  package var incarnation: UInt64
  /// The fingerprint of the dataset that the worker has.
  package var dataset: String
  /// The recipe that the worker wants to train; empty for any.
  package var recipe: String
  /// The fingerprint of the model's settings seen in an earlier session; 0 for none.
  package var model: UInt64

  /// A hello from its parts; by default in the versions of the protocol spoken here.
  package init(
    minimumProtocol: UInt16 = Message.supportedVersions.lowerBound,
    maximumProtocol: UInt16 = Message.supportedVersions.upperBound,
    name: String, incarnation: UInt64, dataset: String, recipe: String = "", model: UInt64 = 0
  ) {
    self.minimumProtocol = minimumProtocol
    self.maximumProtocol = maximumProtocol
    self.name = name
    self.incarnation = incarnation
    self.dataset = dataset
    self.recipe = recipe
    self.model = model
  }
}

/// A worker hands in what it computed.
package struct Push: Sendable, Hashable {
  /// The result of one lease.
  package var result: LeaseResult

  /// A push of a result.
  package init(result: LeaseResult) {
    self.result = result
  }
}

/// A sign of life.
package struct Heartbeat: Sendable, Hashable {
  /// A number that grows as long as the sender's work moves: of a worker, the time steps that it
  /// has computed; of a server, the samples it has trained on.
  package var progress: UInt64

  /// A heartbeat with the sender's progress.
  package init(progress: UInt64) {
    self.progress = progress
  }
}

/// The end of a session.
package struct Farewell: Sendable, Hashable {
  /// Why it ends, for people.
  package var reason: String

  /// A farewell for a reason.
  package init(reason: String) {
    self.reason = reason
  }
}
