package import ZeroMQ

/// The ways to one server: endpoints to try in turn, and the protection of the connection.
package struct ServerRoute: Sendable, Equatable {
  /// One way to connect.
  package struct Candidate: Sendable, Hashable {
    /// The endpoint.
    package let endpoint: String
    /// The version of IP that a host name is resolved for; nil if the endpoint determines it.
    package let family: AddressFamily?
  }

  /// The ways, in the order in which they are tried.
  package let candidates: [Candidate]
  /// The invitation; nil for a server without keys.
  let invitation: Invitation?

  /// Creates the route to a server that is reachable at any of some endpoints.
  ///
  /// - Parameter invitation: the keys of the connection; nil for a server without keys.
  package init(_ endpoints: [String], invitation: Invitation? = nil) {
    candidates = endpoints.flatMap { endpoint in
      Self.families(of: endpoint).map { Candidate(endpoint: endpoint, family: $0) }
    }
    self.invitation = invitation
  }

  /// The protection of a socket that connects to the server.
  var security: SocketSecurity { invitation?.security ?? .none }

  /// libzmq resolves a name for one version of IP, so both are tried.
  private static func families(of endpoint: String) -> [AddressFamily?] {
    guard let address = TCPAddress(endpoint), !address.isNumeric else { return [nil] }
    return [.ipv4, .ipv6]
  }
}
