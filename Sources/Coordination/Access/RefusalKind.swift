import Wire

/// The kind of a refusal of a peer or a connection; refusals are counted by kind.
package enum RefusalKind: String, CaseIterable, Hashable, Sendable {
  /// The handshake failed: the peer is not a ZeroMQ socket, does not encrypt, or encrypts for
  /// another server.
  case handshake
  /// The key is not in the server's list.
  case unknownKey
  /// The key was revoked.
  case revokedKey
  /// The time of the key has passed.
  case expiredKey
  /// The connection had no session in time.
  case mute
  /// The connection made room for later ones.
  case crowd
  /// For a moment no connections were accepted, since too many came.
  case flood
  /// The peer sent more messages than it may.
  case rate
  /// The peer sent bytes that are not a valid message, or one that it may not send.
  case malformed
  /// The role of the key does not include what the peer requested.
  case role
  /// The worker has other data.
  case dataset
  /// The worker requires another recipe.
  case recipe
  /// The worker comes from a run with other settings.
  case model
  /// The worker has no version of the protocol in common.
  case protocolVersion
  /// The server has the maximum number of workers.
  case full
  /// The run has ended.
  case finished
  /// The worker, or its key, is quarantined.
  case quarantined

  /// Creates the kind of a refusal of a worker; nil for one that has or had a session.
  init?(_ reason: RefusalReason) {
    let kind: RefusalKind? =
      switch reason {
      case .protocolVersion: .protocolVersion
      case .dataset: .dataset
      case .recipe: .recipe
      case .model: .model
      case .full: .full
      case .malformed: .malformed
      case .finished: .finished
      case .quarantined: .quarantined
      case .unknownMember, .stalled: nil
      }
    guard let kind else { return nil }
    self = kind
  }
}
