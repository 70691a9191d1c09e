internal import CLinux
import Coordination
package import ZeroMQ

/// Who may connect to a server.
package enum ServerSecurity {
  /// Every peer, in plain text: for endpoints that only this user can reach, or on request.
  case open
  /// Peers with a key of the ring; connections are encrypted with the server's key.
  case keys(CurveSecretKey, KeyRing)

  /// The protection of the server's socket.
  var socket: SocketSecurity {
    switch self {
    case .open: .none
    case .keys(let secret, _): .server(secret)
    }
  }

  /// The keys that are admitted; nil if every peer is.
  var ring: KeyRing? {
    if case .keys(_, let ring) = self { ring } else { nil }
  }
}

/// The shell around ``ConnectionGate``: it watches a socket's connections, answers libzmq's
/// questions about keys, and closes connections.
struct Entrance: ~Copyable {
  /// A message that may be processed.
  enum Admission: Equatable {
    /// Process it; the credential is nil where peers have no keys.
    case pass(Credential?)
    /// Drop it.
    case drop
  }

  private var monitor: ConnectionMonitor
  private let authenticator: Authenticator?
  private let ring: KeyRing?
  private var gate: ConnectionGate
  /// Refusals since the last report, which is made once for each tick of the server.
  private var refused: [RefusalKind: (count: Int, detail: String)] = [:]
  private var hasLostSession = false
  /// The descriptors with which the socket listens.
  private var listeners: [Int32] = []
  private var isAccepting = true

  /// Maximum number of events that are handled before the other sources are polled again.
  private static let eventsPerWake = 1024

  /// Creates the entrance of a router that is not bound yet.
  ///
  /// - Parameter authenticator: that of the router's context; nil if every peer is admitted.
  init(
    of socket: borrowing Socket, _ authenticator: Authenticator?, _ security: ServerSecurity,
    limits: ConnectionGate.Limits
  ) throws(ZeroMQError) {
    let monitor = try ConnectionMonitor(of: socket, reporting: .descriptors)
    var limits = limits
    limits.connections = min(limits.connections, DescriptorLimit.connections)
    ring = security.ring
    self.authenticator = authenticator
    gate = ConnectionGate(limits: limits)
    self.monitor = monitor
  }

  /// Adds the sources of events to a poller.
  func add<Key>(to poller: inout Poller<Key>, connections: Key, keys: Key) {
    poller.add(monitor, as: connections)
    if let authenticator { poller.add(authenticator, as: keys) }
  }

  /// The time at which ``tick(at:)`` has something to do.
  var nextTick: Moment? { gate.nextTick }

  // MARK: Connections

  /// Handles connections that began or ended.
  mutating func takeConnections(at now: Moment) throws(ZeroMQError) {
    for event in try monitor.takeEvents(atMost: Self.eventsPerWake) {
      switch event {
      case .listening(let descriptor): listeners.append(descriptor)
      case .accepted(let descriptor):
        if let closing = gate.accepted(descriptor, at: now) { close(closing) }
      case .closed(let descriptor): if gate.closed(descriptor) { hasLostSession = true }
      case .abandoned, .mismatched: count(.handshake, "no handshake of a tributary worker")
      case .denied, .connected, .established, .disconnected: break
      }
    }
  }

  /// Returns whether the connection of a session has ended since the last call.
  mutating func takeLostSession() -> Bool {
    defer { hasLostSession = false }
    return hasLostSession
  }

  /// Answers libzmq's questions about the keys of new connections.
  mutating func answer() throws(ZeroMQError) {
    guard let authenticator, let ring else { return }
    var denied: [(RefusalKind, String)] = []
    try authenticator.answer(atMost: Self.eventsPerWake) { request in
      // A key may be used the moment after it was made.
      if ring.list[request.key.text] == nil { ring.refresh() }
      guard let entry = ring.list[request.key.text] else {
        denied.append(
          (.unknownKey, "from \(request.address.isEmpty ? "this host" : request.address)"))
        return false
      }
      switch entry.state(at: WallClock.seconds) {
      case .valid: return true
      case .revoked: denied.append((.revokedKey, "key \(entry.credential.name)"))
      case .expired: denied.append((.expiredKey, "key \(entry.credential.name)"))
      }
      return false
    }
    for (kind, detail) in denied { count(kind, detail) }
  }

  // MARK: Messages

  /// Decides about a message of a peer.
  mutating func admit(
    _ peer: PeerID, _ origin: MessageOrigin, at now: Moment
  ) throws(ZeroMQError) -> Admission {
    var credential: Credential?
    if let ring {
      guard let key = origin.key, let found = ring.credential(of: key.text) else { return .drop }
      credential = found
    }
    // The beginning of a connection is reported before its first message, and the end of one before
    // the beginning of another with its descriptor.
    if !gate.contains(origin.descriptor, of: peer) { try takeConnections(at: now) }
    switch gate.receive(on: origin.descriptor, from: peer, key: origin.key?.text, at: now) {
    case .pass: return .pass(credential)
    case .drop: return .drop
    case .exceeds(let closing):
      close(closing)
      return .drop
    }
  }

  /// Whether a connection has no session.
  func isPending(_ descriptor: Int32) -> Bool { gate.isPending(descriptor) }

  /// Records that a peer has a session, or may stay without one.
  mutating func settle(_ peer: PeerID) { gate.settle(peer) }

  /// Closes the connection of a peer, after the messages to it.
  mutating func end(_ peer: PeerID, at now: Moment) { gate.end(peer, at: now) }

  // MARK: Time

  /// Closes connections whose time is over, and stops to accept connections while too many come.
  mutating func tick(at now: Moment) {
    while let closing = gate.nextDue(at: now) { close(closing) }
    guard gate.mayAccept(at: now) != isAccepting else { return }
    isAccepting.toggle()
    for listener in listeners {
      _ = isAccepting ? clistener_resume(listener) : clistener_pause(listener)
    }
    if !isAccepting { count(.flood, "too many new connections, the next ones have to wait") }
  }

  /// Reads the list of keys again if it has changed, and closes the connections of keys that are
  /// not valid any more.
  ///
  /// - Returns: the error of a list that cannot be used; the former one stays valid.
  mutating func reloadKeys() -> (any Error)? {
    guard let ring else { return nil }
    do {
      guard try ring.takeChange() else { return nil }
    } catch {
      return error
    }
    for descriptor in gate.revoked({ ring.credential(of: $0) != nil }) {
      count(.revokedKey, "its connection is closed")
      monitor.close(descriptor)
    }
    return nil
  }

  /// Returns reports of the refusals since the last call, one for each kind.
  mutating func takeReports() -> [Report] {
    defer { refused = [:] }
    return refused.sorted { $0.key.rawValue < $1.key.rawValue }.map {
      .closed($0.key, count: $0.value.count, detail: $0.value.detail)
    }
  }

  private mutating func close(_ closing: ConnectionGate.Closing) {
    monitor.close(closing.descriptor)
    switch closing.kind {
    case .mute: count(.mute, "no session in time")
    case .crowd: count(.crowd, "too many connections without a session")
    case .rate: count(.rate, "too many messages")
    default: break
    }
  }

  private mutating func count(_ kind: RefusalKind, _ detail: String) {
    refused[kind, default: (0, detail)].count += 1
  }
}
