/// A worker's request to join the training.
package struct Hello: Sendable, Hashable {
  /// The lowest version of the protocol that the worker supports.
  package var minimumProtocol: UInt16
  /// The highest version of the protocol that the worker supports; not below the lowest.
  package var maximumProtocol: UInt16
  /// The name of the worker, for display.
  package var name: String
  /// A random number that identifies this process lifetime of the worker.
  package var incarnation: UInt64
  /// The fingerprint of the worker's dataset.
  package var dataset: String
  /// The recipe that the worker requires; empty for any.
  package var recipe: String
  /// The fingerprint of the model's settings from an earlier session; 0 if there was none.
  package var model: UInt64

  /// Creates a hello, by default with the supported versions of the protocol.
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

/// A result that a worker returns to the server.
package struct Push: Sendable, Hashable {
  /// The result of a lease.
  package var result: LeaseResult

  /// Creates a push of a result.
  package init(result: LeaseResult) {
    self.result = result
  }
}

/// A periodic sign that the sender is alive.
package struct Heartbeat: Sendable, Hashable {
  /// A counter that grows while the sender makes progress: for a worker, the number of time steps
  /// computed; for a server, the number of samples trained on.
  package var progress: UInt64

  /// Creates a heartbeat.
  package init(progress: UInt64) {
    self.progress = progress
  }
}

/// The last message of a session.
package struct Farewell: Sendable, Hashable {
  /// The reason for the end, as human-readable text.
  package var reason: String

  /// Creates a farewell.
  package init(reason: String) {
    self.reason = reason
  }
}
