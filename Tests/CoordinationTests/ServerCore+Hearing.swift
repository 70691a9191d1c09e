import Coordination
import Wire

extension PeerID {
  static let a = PeerID([0xA])
  static let b = PeerID([0xB])
  static let c = PeerID([0xC])
}

extension Moment {
  static let start = Moment(nanoseconds: 0)

  /// So many seconds after the start.
  static func seconds(_ seconds: Double) -> Moment { start.advanced(by: .seconds(seconds)) }
}

extension Hello {
  /// The hello of a worker that fits ``TinyData``.
  static func sample(
    name: String = "anna", incarnation: UInt64 = 1, change: (inout Hello) -> Void = { _ in }
  ) -> Hello {
    var hello = Hello(name: name, incarnation: incarnation, dataset: TinyData.fingerprint)
    change(&hello)
    return hello
  }
}

extension ServerCore.Event {
  /// A message whose number is of no interest.
  static func received(_ message: Message, from peer: PeerID) -> Self {
    .received(NumberedMessage(message, number: 0), from: peer)
  }
}

extension ServerCore {
  /// Hands over one event and returns what is to be done about it.
  mutating func hear(_ event: Event, at now: Moment = .start) -> [Effect] {
    var effects: [Effect] = []
    handle(event, at: now, effects: &effects)
    return effects
  }

  /// Welcomes a worker that asks for work; returns the leases it is granted.
  mutating func welcome(
    _ peer: PeerID, name: String = "anna", incarnation: UInt64 = 1, at now: Moment = .start
  ) -> [Lease] {
    _ = hear(.received(.hello(.sample(name: name, incarnation: incarnation)), from: peer), at: now)
    return hear(.received(.ready, from: peer), at: now).leases(to: peer)
  }

  /// The verdict on a result, whether it is told at once or waits for the next leases.
  mutating func judge(_ result: LeaseResult, from peer: PeerID) -> Verdict? {
    let grants = hear(.received(.push(Push(result: result)), from: peer)).grants(to: peer)
    return (members[peer]?.verdict ?? grants.last?.verdict)?.verdict
  }
}

extension [ServerCore.Effect] {
  /// What is sent to a peer, in order.
  func messages(to peer: PeerID) -> [Message] {
    compactMap {
      if case .send(let numbered, to: peer) = $0 { numbered.message } else { nil }
    }
  }

  /// The grants among what is sent to a peer.
  func grants(to peer: PeerID) -> [Grant] {
    messages(to: peer).compactMap { if case .grant(let grant) = $0 { grant } else { nil } }
  }

  /// The leases that a peer is granted.
  func leases(to peer: PeerID) -> [Lease] { grants(to: peer).flatMap(\.leases) }

  /// The first refusal that a peer gets.
  func refusal(to peer: PeerID) -> Refusal? {
    messages(to: peer).lazy
      .compactMap { if case .refusal(let refusal) = $0 { refusal } else { nil } }.first
  }

  /// What is reported, in order.
  var reports: [Report] {
    compactMap { if case .report(let report) = $0 { report } else { nil } }
  }

  /// How the run ended, if it did.
  var outcome: Outcome? {
    lazy.compactMap { if case .finish(let outcome) = $0 { outcome } else { nil } }.first
  }
}
