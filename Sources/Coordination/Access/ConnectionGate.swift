/// The connections of a server's socket: a bounded number without a session, each for a bounded
/// time, a bounded rate of new ones, and a bounded rate of messages on each.
///
/// A connection is pending until its peer has a session, and again after that has ended. Where too
/// many are pending, the oldest is closed: those of honest peers are pending only briefly. Every
/// event takes O(log n).
package struct ConnectionGate: Sendable {
  /// The limits on connections; the message rate also bounds the work that a peer causes.
  package struct Limits: Hashable, Sendable {
    /// Maximum number of connections.
    package var connections = 4096
    /// Maximum number of connections without a session.
    package var pending = 64
    /// Time that a connection may have no session.
    package var pendingTime = Duration.seconds(10)
    /// Connections per second that are accepted, over about ten seconds: the workers of a run may
    /// come at once.
    package var acceptedPerSecond = 100.0
    /// Messages per second that a peer may send, over about a second.
    package var messagesPerSecond = 20_000.0

    /// Creates the default limits.
    package init() {}
  }

  /// A connection to close.
  package struct Closing: Sendable, Equatable {
    /// The descriptor of the connection.
    package let descriptor: Int32
    /// The reason; nil for a session that has ended.
    package let kind: RefusalKind?
  }

  /// What to do with a message.
  package enum Verdict: Sendable, Equatable {
    /// Process it.
    case pass
    /// Drop it: its connection is about to be closed.
    case drop
    /// Drop it, and close its connection: the peer exceeds the rate.
    case exceeds(Closing)
  }

  private struct Connection: Sendable {
    var peer: PeerID?
    var key: String?
    var hasSession = false
    var isEnding = false
    var messages: TokenBucket
  }

  /// The time whose connections may come at once.
  private static let burstTime = 10.0
  /// The time whose connections are saved before some are accepted again.
  private static let pauseTime = 0.1
  /// Time for a refusal to reach the peer before its connection is closed.
  private static let farewell = Duration.seconds(1)

  private let limits: Limits
  private var connections: [Int32: Connection] = [:]
  private var byPeer: [PeerID: Int32] = [:]
  /// The times at which connections without a session are closed.
  private var deadlines = Deadlines<Int32>()
  /// The connections that may be accepted.
  private var arrivals: TokenBucket
  private var isPaused = false

  /// Creates the gate of a socket without connections.
  package init(limits: Limits = Limits()) {
    self.limits = limits
    arrivals = TokenBucket(
      capacity: limits.acceptedPerSecond * Self.burstTime, perSecond: limits.acceptedPerSecond)
  }

  /// Number of connections.
  package var count: Int { connections.count }
  /// Number of connections without a session.
  package var pendingCount: Int { deadlines.count }
  /// The time at which a connection must be closed, or connections are accepted again.
  package var nextTick: Moment? {
    let resumption = isPaused ? arrivals.time(ofRefillTo: tokensToResume) : nil
    return [deadlines.next, resumption].compactMap { $0 }.min()
  }

  private var tokensToResume: Double { Self.pauseTime * limits.acceptedPerSecond }

  // MARK: Connections

  /// Adds a connection that was accepted.
  ///
  /// - Returns: the connection to close in its favour, or itself.
  package mutating func accepted(_ descriptor: Int32, at now: Moment) -> Closing? {
    forget(descriptor)
    arrivals.spend()
    let isCrowded = deadlines.count >= limits.pending || connections.count >= limits.connections
    let oldest = isCrowded ? deadlines.first : nil
    let rate = limits.messagesPerSecond
    connections[descriptor] = Connection(messages: TokenBucket(capacity: rate, perSecond: rate))
    deadlines.set(descriptor, at: now.advanced(by: limits.pendingTime))
    guard isCrowded else { return nil }
    return closing(oldest ?? descriptor, .crowd)
  }

  /// Returns whether connections may be accepted now: not while more of them have come than
  /// ``Limits/acceptedPerSecond``.
  package mutating func mayAccept(at now: Moment) -> Bool {
    arrivals.refill(at: now)
    isPaused = arrivals.tokens < (isPaused ? tokensToResume : 0)
    return !isPaused
  }

  /// Removes a connection that has ended.
  ///
  /// - Returns: whether its peer had a session.
  package mutating func closed(_ descriptor: Int32) -> Bool {
    let hadSession = connections[descriptor]?.hasSession == true
    forget(descriptor)
    return hadSession
  }

  /// Whether a connection is open, as far as is known, and a message of this peer has come on it.
  package func contains(_ descriptor: Int32, of peer: PeerID) -> Bool {
    connections[descriptor]?.peer == peer
  }

  /// Whether a connection is open and has no session.
  package func isPending(_ descriptor: Int32) -> Bool { deadlines[descriptor] != nil }

  /// Removes and returns a connection whose time without a session is over.
  package mutating func nextDue(at now: Moment) -> Closing? {
    guard let descriptor = deadlines.popDue(at: now) else { return nil }
    let isEnding = connections[descriptor]?.isEnding == true
    return closing(descriptor, isEnding ? nil : .mute)
  }

  /// Returns the connections whose keys `isValid` refuses; takes time proportional to their number.
  package func revoked(_ isValid: (String) -> Bool) -> [Int32] {
    connections.compactMap { descriptor, connection in
      connection.key.flatMap { isValid($0) ? nil : descriptor }
    }.sorted()
  }

  // MARK: Messages

  /// Admits a message from a connection that ``contains(_:of:)``.
  ///
  /// - Parameter key: the public key of the peer, if it has one.
  package mutating func receive(
    on descriptor: Int32, from peer: PeerID, key: String?, at now: Moment
  ) -> Verdict {
    guard var connection = connections[descriptor] else { return .pass }
    if connection.isEnding { return .drop }
    if connection.peer != peer {
      if let former = connection.peer { byPeer[former] = nil }
      (connection.peer, connection.key) = (peer, key)
      byPeer[peer] = descriptor
    }
    let isWithinRate = connection.messages.take(at: now)
    connections[descriptor] = connection
    return isWithinRate ? .pass : .exceeds(closing(descriptor, .rate))
  }

  // MARK: Sessions

  /// Records that a peer has a session.
  package mutating func settle(_ peer: PeerID) {
    guard let descriptor = byPeer[peer], let connection = connections[descriptor],
      !connection.hasSession, !connection.isEnding
    else { return }
    connections[descriptor]?.hasSession = true
    deadlines.remove(descriptor)
  }

  /// Drops all further messages of a peer, and has its connection closed after a moment in which
  /// the last message reaches it.
  package mutating func end(_ peer: PeerID, at now: Moment) {
    guard let descriptor = byPeer[peer], connections[descriptor]?.isEnding == false else { return }
    connections[descriptor]?.isEnding = true
    connections[descriptor]?.hasSession = false
    deadlines.set(descriptor, at: now.advanced(by: Self.farewell))
  }

  /// Marks a connection as about to be closed.
  private mutating func closing(_ descriptor: Int32, _ kind: RefusalKind?) -> Closing {
    connections[descriptor]?.isEnding = true
    deadlines.remove(descriptor)
    return Closing(descriptor: descriptor, kind: kind)
  }

  private mutating func forget(_ descriptor: Int32) {
    guard let former = connections.removeValue(forKey: descriptor) else { return }
    if let peer = former.peer, byPeer[peer] == descriptor { byPeer[peer] = nil }
    deadlines.remove(descriptor)
  }
}
