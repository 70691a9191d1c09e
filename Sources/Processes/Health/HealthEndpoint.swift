/// The place at which a server answers questions about its health.
package struct HealthEndpoint: Sendable, Equatable {
  /// The name or address of the host, without brackets, or `*` for all addresses of this host.
  package let host: String
  /// The port; 0 for a free one.
  package let port: UInt16

  /// Parses `tcp://HOST:PORT` or `HOST:PORT`; nil for any other text.
  package init?(_ text: String) {
    let address = TCPAddress(text) ?? TCPAddress(place: text[...])
    guard let address, address.host.allSatisfy(\.isASCII) else { return nil }
    (host, port) = (address.host, address.port)
  }

  /// The endpoint with another port, as text.
  func text(port: UInt16) -> String {
    TCPAddress(host: host, port: port).endpoint
  }
}

/// The health endpoint cannot be used.
package struct HealthError: Error, Equatable, CustomStringConvertible {
  /// The kind of failure, which determines the exit code.
  package enum Fault: Sendable, Equatable {
    /// Another process listens there.
    case inUse
    /// The name of the host has no address.
    case unresolved
    /// The system refuses it, for this reason.
    case refused(String)
  }

  /// The kind of failure.
  package let fault: Fault
  /// The endpoint.
  package let endpoint: String

  /// One line: the fault, and the remedy.
  package var description: String {
    let reason =
      switch fault {
      case .inUse: "the port is in use; use another one, or 0 for a free one"
      case .unresolved: "the host has no address; use an address of this host, or *"
      case .refused(let reason): "\(reason); use an address of this host and a permitted port"
      }
    return "--health \(endpoint): \(reason)"
  }
}
