/// The identity of a peer, which the transport has established before any message: the entry of
/// its key in the server's list of keys.
package struct Credential: Hashable, Sendable {
  /// What the holder of a key may do.
  package enum Role: String, CaseIterable, Hashable, Sendable {
    /// Compute leases and push results.
    case worker
    /// Receive the settings and the progress of the run, and nothing else.
    case observer
  }

  /// The name of the key.
  package let name: String
  /// What the holder may do.
  package let role: Role
  /// Whether several workers may use the key, so that it does not identify one of them.
  package let isShared: Bool

  /// Creates a credential.
  package init(name: String, role: Role = .worker, isShared: Bool = false) {
    self.name = name
    self.role = role
    self.isShared = isShared
  }
}
