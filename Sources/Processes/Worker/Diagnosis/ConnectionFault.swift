import Foundation

/// The reason for which a worker has no server.
package struct ConnectionFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of a fault.
  package enum Kind: Sendable, Hashable {
    /// The file or folder that should name the server does not do so yet.
    case unpublished
    /// The file or folder that should name the server cannot be used, for this reason.
    case unusable(String)
    /// The host's name has no address, for this reason.
    case unresolved(String)
    /// No process listens at the endpoint.
    case refused
    /// The endpoint is ipc, and its file does not exist.
    case missing
    /// The user may not connect to the file of an ipc endpoint.
    case denied
    /// No packets pass, for the reason that the operating system reports.
    case unreachable(String)
    /// The host does not answer.
    case timedOut
    /// The peer accepts connections, but does not answer.
    case silent
    /// The peer is not a ZeroMQ socket: it sent this text, or closed connections if it is empty.
    case foreign(String)
    /// The peer is a ZeroMQ socket with another protection, or with another key.
    case mismatched
    /// The server does not admit the worker's key.
    case unauthorized
    /// The peer is a ZeroMQ socket that does not answer a hello.
    case unanswered
    /// The server welcomed the worker; no weights arrived.
    case withoutWeights
    /// The server ended the session, for this reason.
    case dropped(String)
  }

  /// The kind of the fault.
  package let kind: Kind
  /// The server's endpoint.
  package let endpoint: String

  /// Creates a fault.
  package init(_ kind: Kind, endpoint: String) {
    self.kind = kind
    self.endpoint = endpoint
  }

  /// One line: the fault, the place, and the remedy.
  package var description: String {
    switch kind {
    case .unpublished:
      "\(endpoint) names no server yet; start a server with this folder in --run, or check the path"
    case .unusable(let reason): reason
    case .unresolved(let reason):
      "the host of \(endpoint) has no address (\(reason)); check the name, or use the address of "
        + "the server"
    case .refused:
      "no process listens at \(endpoint) (connection refused); start a server there, or check the "
        + "endpoint"
    case .missing: "\(endpoint) does not exist; start a server there, or check the path"
    case .denied:
      "permission denied for \(endpoint); run the worker as the user of the server, or move the "
        + "endpoint to a folder that both may use"
    case .unreachable(let reason):
      "no route to \(endpoint) (\(reason)); check the address, the network and firewalls"
    case .timedOut:
      "\(endpoint) does not answer (connection timed out); check that the host is up, the address, "
        + "and firewalls that drop packets"
    default: afterConnecting
    }
  }

  private var afterConnecting: String {
    switch kind {
    case .silent:
      "\(endpoint) accepts connections but is silent; check that the port is that of a server, and "
        + "that the server is not stopped"
    case .foreign(""):
      "\(endpoint) closes connections without an answer; check host and port, and, behind a proxy "
        + "or tunnel, that the server is running"
    case .foreign(let text):
      "\(endpoint) is not a tributary server (it sends '\(text)'); check host and port"
    case .mismatched:
      "\(endpoint) and this worker protect the connection differently; use --join with the "
        + "server's invitation, or --connect only if the server was started with --insecure"
    case .unauthorized:
      "the server at \(endpoint) does not admit this worker's key; it was revoked, has expired, or "
        + "belongs to another run: request another invitation"
    case .unanswered:
      "\(endpoint) is a ZeroMQ socket that does not answer; check that the port is that of a "
        + "server, and that the server is not overloaded"
    case .withoutWeights: withoutWeights
    case .dropped(let reason):
      "the server at \(endpoint) ended the session (\(reason)); its log contains the details"
    default: ""
    }
  }

  private var withoutWeights: String {
    let remedy =
      endpoint.hasPrefix("tcp://")
      ? "; if the server is running, large packets may be lost: check the MTU of both hosts and of "
        + "the path between them (ping -M do -s 1472 HOST)"
      : "; check that the server is not stopped"
    return "\(endpoint) welcomed this worker, but no weights arrived" + remedy
  }
}
