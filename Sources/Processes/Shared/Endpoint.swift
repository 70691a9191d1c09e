import Foundation

/// Properties of an endpoint that follow from its text.
package enum Endpoint {
  /// Whether it connects processes: tcp or ipc.
  package static func isBetweenProcesses(_ endpoint: String) -> Bool {
    endpoint.hasPrefix("tcp://") || endpoint.hasPrefix("ipc://")
  }

  /// Whether a worker can connect to it: ipc, or tcp with a port other than 0 and a host that does
  /// not stand for all addresses.
  package static func isConnectable(_ endpoint: String) -> Bool {
    guard endpoint.hasPrefix("tcp://") else { return isBetweenProcesses(endpoint) }
    return TCPAddress(endpoint).map { $0.port != 0 && !$0.isWildcard } ?? false
  }

  /// Whether only processes of this user can connect to it: ipc, in a folder that no other user can
  /// enter.
  package static func isPrivate(_ endpoint: String) -> Bool {
    guard endpoint.hasPrefix("ipc://") else { return false }
    let path = endpoint.dropFirst("ipc://".count)
    guard let slash = path.lastIndex(of: "/") else { return isPrivate(folder: ".") }
    return isPrivate(folder: slash == path.startIndex ? "/" : String(path[..<slash]))
  }

  private static func isPrivate(folder: String) -> Bool {
    var status = stat()
    return stat(folder, &status) == 0 && status.st_uid == geteuid() && status.st_mode & 0o077 == 0
  }
}
