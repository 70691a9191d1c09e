import Coordination
import Numerics
import Wire

extension WorkerCore {
  /// Handles one event and returns the resulting effects.
  mutating func handle(_ event: Event, at now: Moment = .start) -> [Effect] {
    var effects: [Effect] = []
    handle(event, at: now, effects: &effects)
    return effects
  }
}

extension [WorkerCore.Effect] {
  /// Short texts of the effects.
  var descriptions: [String] { map(\.text) }

  /// The reason for which the worker ended, if it has.
  var ending: WorkerCore.Ending? {
    if case .finish(let ending)? = last { ending } else { nil }
  }
}

extension WorkerCore.Effect {
  fileprivate var text: String {
    switch self {
    case .send(let numbered): "send \(numbered.message.text)"
    case .reconnect: "reconnect"
    case .prepare: "prepare"
    case .load(_, let version): "load \(version)"
    case .compute(let lease): "compute \(lease.id.counter)"
    case .finish(.failed(let reason)): "finish failed \(reason)"
    case .finish(let ending): "finish \(ending)"
    }
  }
}

extension Message {
  fileprivate var text: String {
    switch self {
    case .hello(let hello): "hello of model \(hello.model)"
    case .ready: "ready"
    case .push(let push): "push \(push.id.counter)"
    case .piece(let piece): "piece \(piece.transfer).\(piece.index)"
    case .acknowledgement: "acknowledgement"
    case .heartbeat(let beat): "heartbeat \(beat.progress)"
    case .farewell(let farewell): "farewell \(farewell.reason)"
    default: "\(self)"
    }
  }
}

extension WorkerCore.Event {
  /// A message outside any session, whose number is not checked.
  static func received(_ message: Message) -> Self {
    .received(NumberedMessage(message, number: 0))
  }
}

extension Welcome {
  /// Returns a welcome to a run on ``TinyData`` with a model of 4 weights, in pieces of 2; times in
  /// milliseconds.
  static func sample(
    heartbeat: UInt32 = 1000, silence: UInt32 = 5000, patience: UInt32 = 12_000
  ) -> Welcome {
    Welcome(
      protocolVersion: 2, incarnation: 9, settings: TrainingSettings.tiny().pairs,
      dataset: TinyData.fingerprint,
      layout: [TensorSpec(name: "weights", shape: [4], trainable: true)],
      heartbeatMilliseconds: heartbeat, silenceMilliseconds: silence,
      patienceMilliseconds: patience,
      transfers: TransferLimits(pieceElements: 2, windowBytes: 16))
  }
}

extension Grant {
  /// Returns a grant of leases with these numbers.
  static func of(_ leases: [UInt64], version: UInt64 = 0, weights: Bool = false) -> Grant {
    Grant(
      leases: leases.map {
        Lease(
          id: LeaseID(incarnation: 9, counter: $0), version: version,
          work: .train(batch: 0, slices: 0..<1))
      },
      version: version, hasWeights: weights)
  }
}

extension Piece {
  /// Returns a piece of the first transfer of weights, for a welcome of ``Welcome/sample``.
  static func of(_ index: UInt32) -> Piece {
    Piece(transfer: 1, index: index, values: EncodedTensor(float32: [1, 2], shape: [2]))
  }
}

extension LeaseResult {
  /// Returns a result of the lease with this number.
  static func of(_ lease: UInt64, counts: [UInt64] = [1]) -> LeaseResult {
    LeaseResult(
      id: LeaseID(incarnation: 9, counter: lease), version: 0,
      sums: counts.map { SampleSums(count: $0) })
  }
}
