package import Wire

/// A worker with an active session.
package struct Member: Sendable {
  /// The worker's connection.
  package let peer: PeerID
  /// The worker's display name, unique among the members: the name of its key, if it has one, the
  /// name that it gave, and a number if another member has both.
  package let name: String
  /// The name of the worker's key and the name that it gave.
  let givenName: String
  /// The identity that the transport has established, if any.
  package let credential: Credential?
  /// Random number that identifies this incarnation of the worker.
  package let incarnation: UInt64
  /// The position of the member in the order in which the members joined.
  let order: UInt64
  /// Time of the last message from the worker.
  package internal(set) var lastReceived: Moment
  /// Time of the last message to the worker.
  var lastSent: Moment
  /// Time at which the worker's computation last began or made progress.
  package internal(set) var lastProgress: Moment
  /// Time since which the worker has held leases, without a transfer of a piece in between.
  var holdingSince: Moment
  /// The progress counter in the worker's last heartbeat.
  package internal(set) var progress: UInt64 = 0
  /// Whether the worker has asked for work.
  package internal(set) var isReady = false
  /// Number of consecutive rejected results.
  package internal(set) var rejections = 0
  /// Number of training leases answered; starts at the count of the slowest member.
  package internal(set) var completed: UInt64 = 0
  /// The verdict on the worker's last push, if it has not been sent yet.
  package internal(set) var verdict: LeaseVerdict?
  /// The weights that were last sent to the worker, if any.
  package internal(set) var weights: WeightsIdentity?
  /// The staleness of the worker's results, a running mean; nil before the first.
  private var staleness: Double?
  /// Whether the worker gets a second batch while it computes one, in mode `async`.
  var overlaps = false
  /// The duration of this worker's training leases so far.
  var training = CostEstimate()
  /// The duration of this worker's evaluation leases so far.
  var evaluation = CostEstimate()
  /// Message numbers, acknowledgements and credit of the session.
  package internal(set) var channel: Channel
  /// The gradients that the worker is sending.
  var incoming: IncomingTransfers
  /// The announced results whose gradients have not arrived completely, in order.
  var arrivals = Queue<Arrival>()
  /// The gradients of the first of ``arrivals`` that are complete.
  var arrivedVectors: [PiecewiseVector] = []

  /// A result that was announced, and whose gradients follow.
  struct Arrival: Sendable {
    let push: Push
    /// Whether the result is already decided, so that its gradients are dropped.
    let isDropped: Bool
  }

  /// Number of gradients that the worker has announced in this session.
  package var announcedTransfers: UInt32 { incoming.announced }

  /// Weight of a result in the running mean of the staleness.
  private static let stalenessRate = 0.1

  /// Records the staleness of a result.
  ///
  /// - Parameter members: the number of members; with n of equal speed the staleness is n - 1.
  mutating func noteStaleness(_ found: UInt64, among members: Int) {
    let former = staleness ?? Double(members - 1)
    staleness = former + (Double(found) - former) * Self.stalenessRate
  }

  /// Returns the staleness that the worker's next result is expected to have.
  func expectedStaleness(among members: Int) -> UInt64 {
    UInt64((staleness ?? Double(members - 1)).rounded())
  }

  /// Records that a part of a transfer or a result arrived, or that the member became busy.
  mutating func noteProgress(at now: Moment) {
    lastProgress = now
    holdingSince = now
  }

  /// Receives a message that concerns the session only.
  ///
  /// - Returns: false if the message is another one or not the next one; nothing was changed then.
  mutating func receiveQuietly(_ numbered: NumberedMessage, at now: Moment) -> Bool {
    guard channel.isNext(numbered) else { return false }
    switch numbered.message {
    case .piece(let piece):
      guard incoming.isInner(piece) else { return false }
      _ = incoming.add(piece, isKept: arrivals.first?.isDropped == false)
      noteProgress(at: now)
    case .heartbeat(let heartbeat):
      if progress != heartbeat.progress { lastProgress = now }
      progress = heartbeat.progress
    case .acknowledgement: break
    default: return false
    }
    let underWay = channel.bytesUnderWay
    _ = channel.receive(numbered)
    if channel.bytesUnderWay != underWay { noteProgress(at: now) }
    lastReceived = now
    return true
  }

  init(
    peer: PeerID, name: String, hello: Hello, credential: Credential?, order: UInt64,
    channel: Channel, width: Int, at now: Moment
  ) {
    self.peer = peer
    self.order = order
    self.name = name
    self.credential = credential
    givenName = hello.name
    incarnation = hello.incarnation
    lastReceived = now
    lastSent = now
    lastProgress = now
    holdingSince = now
    self.channel = channel
    incoming = IncomingTransfers(count: width, limits: channel.limits)
  }
}

/// A version of the weights, or a prediction from it.
package struct WeightsIdentity: Hashable, Sendable {
  /// The version: number of updates in the weights.
  package let version: UInt64
  /// The number of further updates that are predicted.
  package let ahead: UInt64
}

/// One incarnation of a worker.
package struct WorkerIncarnation: Hashable, Sendable {
  /// The worker's name.
  package let name: String
  /// The random number of the incarnation.
  package let incarnation: UInt64

  /// Creates the identity of an incarnation.
  package init(name: String, incarnation: UInt64) {
    self.name = name
    self.incarnation = incarnation
  }

  init(_ hello: Hello) { self.init(name: hello.name, incarnation: hello.incarnation) }
  init(_ member: Member) { self.init(name: member.givenName, incarnation: member.incarnation) }

  /// Creates the value that stands for every worker with a key of this name.
  init(key: String) { self.init(name: key, incarnation: 0) }
}

extension Hello {
  /// Returns the message with a name that begins with that of the key and is fit for a log.
  func named(by credential: Credential?) -> Hello {
    var hello = self
    hello.name = credential.map { "\($0.name)/\(name.printable)" } ?? name.printable
    return hello
  }
}

extension String {
  /// The text with a question mark for each control character and line separator.
  var printable: String {
    guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars { text.append(scalar.isUnprintable ? "?" : scalar) }
    return String(text)
  }
}

extension Unicode.Scalar {
  fileprivate var isUnprintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
