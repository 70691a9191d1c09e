import Learning
import Numerics
import Wire

@testable import Coordination

extension PeerID {
  static let a = PeerID([0xA])
  static let b = PeerID([0xB])
  static let c = PeerID([0xC])
}

extension Moment {
  /// A time that no test reaches.
  static let never = Moment(nanoseconds: 1 << 62)
  static let start = Moment(nanoseconds: 0)

  /// Returns the moment this many seconds after the start.
  static func seconds(_ seconds: Double) -> Moment { start.advanced(by: .seconds(seconds)) }
}

extension Hello {
  /// Returns the hello of a worker that matches ``TinyData``.
  static func sample(
    name: String = "anna", incarnation: UInt64 = 1, change: (inout Hello) -> Void = { _ in }
  ) -> Hello {
    var hello = Hello(name: name, incarnation: incarnation, dataset: TinyData.fingerprint)
    change(&hello)
    return hello
  }
}

extension ServerCore.Event {
  /// A message outside any session, whose number is not checked.
  static func received(_ message: Message, from peer: PeerID) -> Self {
    .received(NumberedMessage(message, number: 0), from: peer)
  }
}

extension ServerCore {
  /// Handles one event and returns the resulting effects.
  mutating func handle(_ event: Event, at now: Moment = .start) -> [Effect] {
    var effects: [Effect] = []
    handle(event, at: now, effects: &effects)
    return effects
  }

  /// Admits a worker that asks for work, and returns the leases it is granted.
  mutating func welcome(
    _ peer: PeerID, name: String = "anna", incarnation: UInt64 = 1, at now: Moment = .start
  ) -> [Lease] {
    _ = handle(
      .received(.hello(.sample(name: name, incarnation: incarnation)), from: peer), at: now)
    return handle(.received(.ready, from: peer), at: now).leases(to: peer)
  }

  /// Pushes a result with its gradients in pieces, and returns the resulting effects.
  mutating func push(
    _ result: LeaseResult, from peer: PeerID, at now: Moment = .start
  ) -> [Effect] {
    var transfer = members[peer]?.announcedTransfers ?? 0
    var effects = handle(.received(.push(Push(result)), from: peer), at: now)
    for part in result.contributions {
      transfer += 1
      for (index, values) in part.values.pieces.enumerated() where members[peer] != nil {
        let piece = Piece(transfer: transfer, index: UInt32(index), values: values)
        effects += handle(.received(.piece(piece), from: peer), at: now)
      }
    }
    return effects
  }

  private struct Unexpected: Error {}

  /// Returns a valid result of a training lease, with gradients of zeros.
  func zeros(_ lease: Lease, computation: Duration = .zero) throws -> LeaseResult {
    guard case .train(let batch, let slices) = lease.work else { throw Unexpected() }
    let values = [Float](repeating: 0, count: optimizer.shape.layout.count)
    let tree = ReductionTree(leaves: plan.sliceCount(batch: batch))
    return LeaseResult(
      id: lease.id, version: lease.version,
      computeMicroseconds: UInt64(computation.seconds * 1e6),
      sums: slices.map {
        let samples = plan.positions(batch: batch, slice: Int($0)).count
        return SampleSums(lossSum: 1, correct: 0, count: UInt64(samples))
      },
      contributions: tree.cover(slices.indices).map {
        Contribution(slices: $0.wire, values: PiecewiseVector(values))
      })
  }

  /// Pushes a result and returns its verdict, whether it is sent at once or pending.
  mutating func verdict(on result: LeaseResult, from peer: PeerID) -> Verdict? {
    let grants = push(result, from: peer).grants(to: peer)
    return (members[peer]?.verdict ?? grants.last?.verdict)?.verdict
  }
}

extension [ServerCore.Effect] {
  /// Returns the messages to a peer, in order.
  func messages(to peer: PeerID) -> [Message] {
    compactMap {
      if case .send(let numbered, to: peer) = $0 { numbered.message } else { nil }
    }
  }

  /// Returns the numbers of the messages to a peer, in order.
  func numbers(to peer: PeerID) -> [UInt32] {
    compactMap { if case .send(let numbered, to: peer) = $0 { numbered.number } else { nil } }
  }

  /// Returns the grants to a peer, in order.
  func grants(to peer: PeerID) -> [Grant] {
    messages(to: peer).compactMap { if case .grant(let grant) = $0 { grant } else { nil } }
  }

  /// Returns the weights sent to a peer; empty if there are none.
  func weights(to peer: PeerID) -> [Float] {
    messages(to: peer).flatMap { (try? $0.tensor?.floats()) ?? [] }
  }

  /// Returns the leases granted to a peer.
  func leases(to peer: PeerID) -> [Lease] { grants(to: peer).flatMap(\.leases) }

  /// Returns the first refusal sent to a peer.
  func refusal(to peer: PeerID) -> Refusal? {
    messages(to: peer).lazy
      .compactMap { if case .refusal(let refusal) = $0 { refusal } else { nil } }.first
  }

  /// The peers to disconnect, in order.
  var disconnected: [PeerID] {
    compactMap { if case .disconnect(let peer) = $0 { peer } else { nil } }
  }

  /// The reports, in order.
  var reports: [Report] {
    compactMap { if case .report(let report) = $0 { report } else { nil } }
  }

  /// The outcome of the run, if it has ended.
  var outcome: Outcome? {
    lazy.compactMap { if case .finish(let outcome) = $0 { outcome } else { nil } }.first
  }
}
