import Coordination
import Wire

/// A worker's side of a session with a server, which a script drives message by message.
struct ScriptedPeer: Sendable {
  /// The connection.
  let id: PeerID
  let name: String
  let incarnation: UInt64
  private let run: TinyRun

  /// Whether every message so far was one that an honest worker sends.
  var isHonest = true
  /// Whether the server has welcomed the peer, and has not ended the session since.
  private(set) var isMember = false
  /// The leases that were granted in the session and are not answered.
  private(set) var leases: [Lease] = []
  private var sent: UInt32 = 0
  private var received: UInt32 = 0
  private var announced: UInt32 = 0
  private var outgoing: [Piece] = []

  /// Creates a peer without a session.
  init(number: UInt8, of run: TinyRun) {
    id = PeerID([number])
    name = "worker \(number)"
    incarnation = UInt64(number) + 1
    self.run = run
  }

  /// Whether a piece of a gradient was not sent.
  var hasPieces: Bool { !outgoing.isEmpty }

  // MARK: Messages

  /// Returns the event of a message with the next number.
  mutating func event(_ message: Message) -> ServerCore.Event {
    sent &+= 1
    return event(message, number: sent)
  }

  /// Returns the event of a message with any number.
  func event(_ message: Message, number: UInt32) -> ServerCore.Event {
    .received(NumberedMessage(message, number: number, acknowledged: received), from: id)
  }

  /// Returns the event of the hello that opens a session.
  mutating func greet() -> ServerCore.Event {
    endSession()
    return event(.hello(hello))
  }

  /// The hello of an honest worker.
  var hello: Hello {
    Hello(name: name, incarnation: incarnation, dataset: run.dataset.fingerprint)
  }

  /// Returns the event of the push that answers the oldest lease; nil if there is none.
  ///
  /// - Parameter change: changes the announcement. Its gradients are those of the lease; if it has
  ///   another number of them, none follow, since they could be taken for those of a later lease,
  ///   which nothing but an audit would find.
  mutating func answer(
    withPiece: Bool, change: (inout Push) -> Void = { _ in }
  ) -> ServerCore.Event? {
    guard !leases.isEmpty else { return nil }
    guard let result = run.result(of: leases.removeFirst()) else { return nil }
    var push = Push(result)
    var pieces = result.contributions.enumerated().flatMap { offset, part in
      part.values.pieces.enumerated().map { index, values in
        Piece(
          transfer: announced &+ UInt32(offset) &+ 1, index: UInt32(index), values: values)
      }
    }
    if withPiece, outgoing.isEmpty, !pieces.isEmpty {
      push.firstPiece = pieces.removeFirst().values
    }
    change(&push)
    announced &+= UInt32(push.contributions.count)
    if push.contributions.count == result.contributions.count { outgoing += pieces }
    return event(.push(push))
  }

  /// Returns the event of the next piece of a gradient; nil if there is none.
  ///
  /// - Parameter change: returns another piece in its place.
  mutating func sendPiece(change: (Piece) -> Piece = { $0 }) -> ServerCore.Event? {
    guard !outgoing.isEmpty else { return nil }
    return event(.piece(change(outgoing.removeFirst())))
  }

  // MARK: Answers

  /// Records a message from the server.
  mutating func note(_ message: NumberedMessage) {
    if message.number != 0 { received = message.number }
    switch message.message {
    case .welcome: isMember = true
    case .grant(let grant): leases += grant.leases
    case .refusal: endSession()
    default: break
    }
  }

  /// Forgets the session.
  mutating func endSession() {
    (sent, received, announced, isMember) = (0, 0, 0, false)
    (leases, outgoing) = ([], [])
  }
}
