/// The server takes a worker in and tells it what is trained.
package struct Welcome: Sendable, Hashable {
  /// The version of the protocol that the session uses from here on.
  package var protocolVersion: UInt16
  /// A number drawn anew at each start of the server; part of each ``LeaseID``.
  package var incarnation: UInt64
  /// Everything the worker needs to know about the model and the data's order.
  package var settings: [Setting]
  /// The fingerprint of the dataset that is trained on.
  package var dataset: String
  /// The tensors of the model, in the order of the flat vector of weights.
  package var layout: [TensorSpec]
  /// The time between two heartbeats, in milliseconds.
  package var heartbeatMilliseconds: UInt32
  /// The silence after which a peer is held to be lost, in milliseconds.
  package var silenceMilliseconds: UInt32

  /// A welcome from its parts.
  package init(
    protocolVersion: UInt16, incarnation: UInt64, settings: [Setting], dataset: String,
    layout: [TensorSpec], heartbeatMilliseconds: UInt32, silenceMilliseconds: UInt32
  ) {
    self.protocolVersion = protocolVersion
    self.incarnation = incarnation
    self.settings = settings
    self.dataset = dataset
    self.layout = layout
    self.heartbeatMilliseconds = heartbeatMilliseconds
    self.silenceMilliseconds = silenceMilliseconds
  }
}

/// One setting of a run, in text form.
package struct Setting: Sendable, Hashable {
  /// The setting's name.
  package let key: String
  /// Its value, in the form that the settings' parser reads.
  package let value: String

  /// A setting from its parts.
  package init(key: String, value: String) {
    self.key = key
    self.value = value
  }
}

/// The name and shape of one tensor of the model.
package struct TensorSpec: Sendable, Hashable {
  /// The tensor's name, such as `lstm/kernel`.
  package let name: String
  /// Its dimensions.
  package let shape: [UInt32]
  /// True if gradients change it, false if it holds statistics.
  package let trainable: Bool

  /// A specification from its parts.
  package init(name: String, shape: [UInt32], trainable: Bool) {
    self.name = name
    self.shape = shape
    self.trainable = trainable
  }
}

/// What a refused peer would have to change.
package enum RefusalReason: UInt8, Sendable, Hashable, CaseIterable {
  /// The two sides share no version of the protocol.
  case protocolVersion = 1
  /// The worker has other data.
  case dataset = 2
  /// The worker wants another recipe.
  case recipe = 3
  /// The worker knows a model with other settings.
  case model = 4
  /// There is no room for another worker.
  case full = 5
  /// The peer's bytes are no message of this protocol, or one out of turn.
  case malformed = 6
  /// The training is over.
  case finished = 7
  /// The server does not know the peer, or knows it no more; a new hello is in place.
  case unknownMember = 8
  /// The worker's results were rejected again and again.
  case quarantined = 9
  /// The worker's computation makes no progress.
  case stalled = 10
}

/// The server turns a peer away.
package struct Refusal: Sendable, Hashable {
  /// The kind of the obstacle.
  package var reason: RefusalReason
  /// The obstacle in words, with both sides' values.
  package var detail: String

  /// A refusal from its parts.
  package init(reason: RefusalReason, detail: String) {
    self.reason = reason
    self.detail = detail
  }
}

/// The server's answer to ``Message/ready`` and to ``Message/push(_:)``.
package struct Grant: Sendable, Hashable {
  /// The verdict on the pushed result, if this answers a push.
  package var verdict: LeaseVerdict?
  /// Work for the worker, possibly none.
  package var leases: [Lease]
  /// The newest version of the weights.
  package var version: UInt64
  /// The weights of that version, if the worker has older ones and needs them.
  package var weights: EncodedTensor?

  /// A grant from its parts.
  package init(
    verdict: LeaseVerdict? = nil, leases: [Lease] = [], version: UInt64,
    weights: EncodedTensor? = nil
  ) {
    self.verdict = verdict
    self.leases = leases
    self.version = version
    self.weights = weights
  }
}

/// The server asks a worker to come to an end.
package struct Drain: Sendable, Hashable {
  /// Why, for people.
  package var reason: String

  /// A request for a reason.
  package init(reason: String) {
    self.reason = reason
  }
}
