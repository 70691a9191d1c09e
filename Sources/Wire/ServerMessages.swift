/// The server's acceptance of a worker, with the description of the training.
package struct Welcome: Sendable, Hashable {
  /// The version of the protocol used for the rest of the session.
  package var protocolVersion: UInt16
  /// A random number that identifies this process lifetime of the server; part of each ``LeaseID``.
  package var incarnation: UInt64
  /// The settings that determine the model and the order of the data.
  package var settings: [Setting]
  /// The fingerprint of the training dataset.
  package var dataset: String
  /// The tensors of the model in the order of the flat vector of weights.
  package var layout: [TensorSpec]
  /// The interval between two heartbeats, in milliseconds.
  package var heartbeatMilliseconds: UInt32
  /// The duration of silence after which a peer counts as lost, in milliseconds.
  package var silenceMilliseconds: UInt32
  /// The time for which a worker looks for a server that it has lost, in milliseconds.
  package var patienceMilliseconds: UInt32
  /// The division of vectors into pieces, and the credit of the session.
  package var transfers: TransferLimits

  /// Creates a welcome.
  package init(
    protocolVersion: UInt16, incarnation: UInt64, settings: [Setting], dataset: String,
    layout: [TensorSpec], heartbeatMilliseconds: UInt32, silenceMilliseconds: UInt32,
    patienceMilliseconds: UInt32 = 600_000, transfers: TransferLimits = TransferLimits()
  ) {
    self.protocolVersion = protocolVersion
    self.incarnation = incarnation
    self.settings = settings
    self.dataset = dataset
    self.layout = layout
    self.heartbeatMilliseconds = heartbeatMilliseconds
    self.silenceMilliseconds = silenceMilliseconds
    self.patienceMilliseconds = patienceMilliseconds
    self.transfers = transfers
  }
}

/// A setting of a run in text form.
package struct Setting: Sendable, Hashable {
  /// The name of the setting.
  package let key: String
  /// The value, in the format that the settings parser accepts.
  package let value: String

  /// Creates a setting.
  package init(key: String, value: String) {
    self.key = key
    self.value = value
  }
}

/// The name and the shape of a tensor of the model.
package struct TensorSpec: Sendable, Hashable {
  /// The name of the tensor, such as `lstm/kernel`.
  package let name: String
  /// The dimensions.
  package let shape: [UInt32]
  /// Whether the optimizer updates the tensor; false for statistics.
  package let trainable: Bool

  /// Creates a specification.
  package init(name: String, shape: [UInt32], trainable: Bool) {
    self.name = name
    self.shape = shape
    self.trainable = trainable
  }
}

/// The reason for which the server refuses a peer.
package enum RefusalReason: UInt8, Sendable, Hashable, CaseIterable {
  /// The two sides have no version of the protocol in common.
  case protocolVersion = 1
  /// The worker has a different dataset.
  case dataset = 2
  /// The worker requires a different recipe.
  case recipe = 3
  /// The worker was in a session of a model with different settings.
  case model = 4
  /// The maximum number of workers is reached.
  case full = 5
  /// The received bytes are not a valid message, or the message is not allowed at this point.
  case malformed = 6
  /// The training is complete.
  case finished = 7
  /// The peer has no session, or its session has ended; it should send a new hello.
  case unknownMember = 8
  /// Too many results of the worker were rejected.
  case quarantined = 9
  /// The computation of the worker makes no progress.
  case stalled = 10
}

/// The server's refusal of a peer.
package struct Refusal: Sendable, Hashable {
  /// The reason as a code.
  package var reason: RefusalReason
  /// The reason in words, with the conflicting values of both sides.
  package var detail: String

  /// Creates a refusal.
  package init(reason: RefusalReason, detail: String) {
    self.reason = reason
    self.detail = detail
  }
}

/// The server's answer to ``Message/ready`` and to ``Message/push(_:)``.
package struct Grant: Sendable, Hashable {
  /// The verdict on the pushed result; nil if this does not answer a push.
  package var verdict: LeaseVerdict?
  /// The granted leases, possibly none.
  package var leases: [Lease]
  /// The version of the weights that the leases require.
  package var version: UInt64
  /// Whether the weights of that version follow, as the next transfer from the server.
  package var hasWeights: Bool
  /// The first piece of the weights, if it is part of this message.
  package var firstPiece: EncodedTensor?

  /// Creates a grant.
  package init(
    verdict: LeaseVerdict? = nil, leases: [Lease] = [], version: UInt64, hasWeights: Bool = false,
    firstPiece: EncodedTensor? = nil
  ) {
    self.verdict = verdict
    self.leases = leases
    self.version = version
    self.hasWeights = hasWeights
    self.firstPiece = firstPiece
  }
}

/// The server's request that a worker ends its session because the run ends.
package struct Drain: Sendable, Hashable {
  /// The reason, as human-readable text.
  package var reason: String

  /// Creates a request with a reason.
  package init(reason: String) {
    self.reason = reason
  }
}
