import Wire

/// A worker's side of a session: its leases, the weights that arrive for them, and the results that
/// leave.
struct Session: Sendable {
  /// The work that waits for weights, in the order of the grants.
  private enum Job: Sendable {
    case load(version: UInt64)
    case compute(Lease)
  }

  private(set) var channel: Channel
  private var incoming: IncomingTransfers
  private var jobs = Queue<Job>()
  /// The leases whose results were not pushed.
  private(set) var held: [LeaseID] = []
  /// Whether weights have arrived in this session.
  private(set) var hasWeights = false

  /// Leases that a server may grant before they are answered, and weights that it may announce
  /// before they arrive, at most: many times as many as a server of this program.
  static let mostGranted = 256

  /// Creates the session that `welcome` opens.
  init(_ welcome: Welcome, channel: Channel) {
    self.channel = Channel(continuing: channel, limits: welcome.transfers)
    incoming = IncomingTransfers(count: welcome.elementCount, limits: welcome.transfers)
  }

  /// Whether every result was sent completely.
  var isDrained: Bool { held.isEmpty && channel.isDrained }

  /// Classifies a received message by its number.
  mutating func receive(_ message: NumberedMessage) -> Channel.Order { channel.receive(message) }

  /// Numbers the next message to send.
  mutating func number(_ message: Message) -> NumberedMessage { channel.number(message) }

  // MARK: Grants

  /// Accepts leases; those whose weights have arrived are computed at once.
  ///
  /// - Returns: the reason why the grant violates the protocol, or nil: it has too many leases, or
  ///   its piece is not the one that follows.
  mutating func accept(_ grant: Grant, effects: inout [WorkerCore.Effect]) -> String? {
    guard held.count + grant.leases.count <= Self.mostGranted,
      incoming.pendingCount < Self.mostGranted
    else { return "it granted more than \(Self.mostGranted) leases that are not answered" }
    if grant.hasWeights {
      incoming.announce(1)
      jobs.append(.load(version: grant.version))
    }
    for lease in grant.leases {
      held.append(lease.id)
      jobs.append(.compute(lease))
    }
    startJobs(&effects)
    guard let first = grant.firstPiece else { return nil }
    return add(Piece(transfer: incoming.announced, index: 0, values: first), effects: &effects)
  }

  /// Adds a piece of the weights; computes the leases that waited for them once they are complete.
  ///
  /// - Returns: the reason why the piece is not the one that follows, or nil.
  mutating func add(_ piece: Piece, effects: inout [WorkerCore.Effect]) -> String? {
    switch incoming.add(piece, isKept: true) {
    case .incomplete: return nil
    case .invalid(let reason): return reason
    case .complete(let vector):
      guard case .load(let version)? = jobs.popFirst() else {
        return "it sent weights without a grant"
      }
      hasWeights = true
      effects.append(.load(vector, version: version))
      startJobs(&effects)
      return nil
    }
  }

  /// Computes the leases before the next weights that have not arrived.
  private mutating func startJobs(_ effects: inout [WorkerCore.Effect]) {
    while case .compute(let lease)? = jobs.first {
      jobs.popFirst()
      effects.append(.compute(lease))
    }
  }

  /// Drops the leases: their results are no longer needed.
  mutating func drop() {
    held = []
    jobs.removeAll()
  }

  // MARK: Results

  /// Pushes a result; ignores one whose lease was dropped.
  mutating func push(_ result: LeaseResult, effects: inout [WorkerCore.Effect]) {
    guard let index = held.firstIndex(of: result.id) else { return }
    held.remove(at: index)
    let push = channel.announce(result.contributions.map(\.values)) {
      .push(Push(result, firstPiece: $0))
    }
    effects.append(.send(push))
    sendPieces(&effects)
  }

  /// Sends the queued pieces that fit into the window, and an acknowledgement if the server waits
  /// for one.
  mutating func sendPieces(_ effects: inout [WorkerCore.Effect]) {
    while let piece = channel.nextPiece() { effects.append(.send(piece)) }
    if channel.owesAcknowledgement { effects.append(.send(number(.acknowledgement))) }
  }
}

extension Welcome {
  /// The number of elements of the model's flat vector. The result is bounded whatever the layout
  /// contains.
  var elementCount: Int {
    let limit = 1 << 32
    return layout.reduce(0) { total, tensor in
      let size = tensor.shape.reduce(1) { product, dimension in
        min(limit, product.multipliedReportingOverflow(by: Int(dimension)).partialValue)
      }
      return min(limit, total + max(size, 0))
    }
  }
}
