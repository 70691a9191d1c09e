package import Numerics

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

/// The announcement of a result that a worker returns to the server: everything but the values of
/// the gradients, which follow as one transfer for each contribution, in order.
package struct Push: Sendable, Hashable {
  /// The lease that the result fulfills.
  package var id: LeaseID
  /// The version of the weights that the worker used.
  package var version: UInt64
  /// The duration of the computation in microseconds.
  package var computeMicroseconds: UInt64
  /// Loss and correct predictions: one entry per slice for training, a single one for an
  /// evaluation.
  package var sums: [SampleSums]
  /// The nonempty ranges of slices, one for each contribution; empty for an evaluation.
  package var contributions: [Range<UInt32>]
  /// The first piece of the first contribution, if it is part of this message.
  package var firstPiece: EncodedTensor?

  /// Creates the announcement of a result.
  package init(
    id: LeaseID, version: UInt64, computeMicroseconds: UInt64 = 0, sums: [SampleSums],
    contributions: [Range<UInt32>] = [], firstPiece: EncodedTensor? = nil
  ) {
    self.id = id
    self.version = version
    self.computeMicroseconds = computeMicroseconds
    self.sums = sums
    self.contributions = contributions
    self.firstPiece = firstPiece
  }

  /// Creates the announcement of `result`.
  package init(_ result: LeaseResult, firstPiece: EncodedTensor? = nil) {
    self.init(
      id: result.id, version: result.version, computeMicroseconds: result.computeMicroseconds,
      sums: result.sums, contributions: result.contributions.map(\.slices),
      firstPiece: firstPiece)
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
