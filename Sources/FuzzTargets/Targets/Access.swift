import Bytes
import Coordination
import Processes
import ZeroMQ

/// What peers and users send before a session: requests about keys, invitations, lists of keys, and
/// the connections of a gate.
extension FuzzTarget {
  /// Requests of libzmq about keys (ZAP), in frames of drawn lengths, or valid with one lie.
  static let authentication = FuzzTarget(
    "authentication", "requests about keys"
  ) { bytes throws(Finding) in
    var source = ByteSource(bytes)
    let key = Array((source.take(32) + [UInt8](repeating: 7, count: 32)).prefix(32))
    var frames: [[UInt8]] = [
      Array("1.0".utf8), source.take(source.below(9)), Array("tributary".utf8),
      source.take(source.below(64)), [], Array("CURVE".utf8), key,
    ]
    let valid = try? AuthenticationRequest(frames: frames.map { Bytes($0) })
    try require(valid?.key == CurvePublicKey(bytes: key), "a valid request is refused")
    switch source.below(4) {
    case 0: frames.remove(at: source.below(frames.count))
    case 1: frames.insert(source.rest(), at: source.below(frames.count))
    case 2: frames[source.below(frames.count)] = source.rest()
    default: frames = source.rest().split(separator: 0).map { Array($0) }
    }
    guard let found = try? AuthenticationRequest(frames: frames.map { Bytes($0) }) else { return }
    try require(frames.count == 7 && frames[6].count == 32, "a request of other frames")
    try require(found.number.count <= 255, "a number of \(found.number.count) bytes")
  }

  /// Texts of invitations: a parsed one is the same after it was written again.
  static let invitation = FuzzTarget(
    "invitation", "invitations",
    examples: [
      Array(
        ("tributary-invitation-1.eyJlbmRwb2ludHMiOlsidGNwOi8vMTI3LjAuMC4xOjU1NTUi"
          + "XSwibmFtZSI6IndvcmtlciJ9").utf8)
    ]
  ) { bytes throws(Finding) in
    let text = String(decoding: bytes, as: UTF8.self)
    guard let invitation = try? Invitation(text: text, source: "input") else { return }
    for endpoint in invitation.endpoints {
      try require(Endpoint.isConnectable(endpoint), "endpoint \(endpoint)")
    }
    try require(KeyList.isName(invitation.name), "name \(invitation.name)")
    let again = try? Invitation(text: invitation.text, source: "output")
    try require(again == invitation, "an invitation changes on its way")
  }

  /// Lists of keys: a parsed one is the same after it was written again.
  static let keys = FuzzTarget(
    "keys", "lists of keys",
    examples: [
      Array(
        ("tributary-keys 1\nworker worker shared \(String(repeating: "k", count: 40)) 1 - -\n"
          + "eye observer single \(String(repeating: "l", count: 40)) 1 9 7\n").utf8)
    ]
  ) { bytes throws(Finding) in
    guard let list = try? KeyList(text: String(decoding: bytes, as: UTF8.self)) else { return }
    let again = try? KeyList(text: list.text)
    try require(again == list, "a list changes on its way")
    for entry in list.entries {
      try require(
        (list.credential(of: entry.publicKey, at: 5) != nil) == (entry.state(at: 5) == .valid),
        "a credential does not agree with the state of \(entry.publicKey)")
    }
  }

  /// Connections that begin, end and send in a drawn order: limits hold, and a session is closed
  /// for its rate only.
  static let gate = FuzzTarget("gate", "the gate of connections") { bytes throws(Finding) in
    var source = ByteSource(bytes)
    var limits = ConnectionGate.Limits()
    (limits.connections, limits.pending) = (1 + source.below(8), 1 + source.below(4))
    (limits.pendingTime, limits.messagesPerSecond) = (.seconds(2), 4)
    var gate = ConnectionGate(limits: limits)
    var now = Moment(nanoseconds: 0)
    for _ in 0..<min(bytes.count, 256) {
      let descriptor = Int32(source.below(12))
      let peer = PeerID([UInt8(source.below(12))])
      now = now.advanced(by: .milliseconds(source.below(900)))
      switch source.below(6) {
      case 0:
        // A socket has a descriptor once at a time, and ends a connection that the gate closes.
        _ = gate.closed(descriptor)
        if let closing = gate.accepted(descriptor, at: now) { _ = gate.closed(closing.descriptor) }
      case 1: _ = gate.closed(descriptor)
      case 2:
        if case .exceeds(let closing) = gate.receive(
          on: descriptor, from: peer, key: "k", at: now)
        {
          try require(closing.descriptor == descriptor, "another connection is closed")
        }
      case 3: gate.settle(peer)
      case 4: gate.end(peer, at: now)
      default: while gate.nextDue(at: now) != nil {}
      }
      try require(gate.count <= limits.connections, "\(gate.count) connections")
      try require(gate.pendingCount <= gate.count, "\(gate.pendingCount) are pending")
    }
  }
}
