/// Properties of an endpoint that follow from its text.
package enum Endpoint {
  /// Whether it connects processes: tcp or ipc.
  package static func isBetweenProcesses(_ endpoint: String) -> Bool {
    endpoint.hasPrefix("tcp://") || endpoint.hasPrefix("ipc://")
  }

  /// Whether a worker can connect to it: ipc, or tcp with a port other than 0.
  package static func isConnectable(_ endpoint: String) -> Bool {
    isBetweenProcesses(endpoint) && !(endpoint.hasPrefix("tcp://") && endpoint.hasSuffix(":0"))
  }

  /// Whether only processes of this host can connect: ipc, or tcp on the loopback.
  package static func isLocal(_ endpoint: String) -> Bool {
    if endpoint.hasPrefix("ipc://") { return true }
    guard endpoint.hasPrefix("tcp://") else { return false }
    let address = endpoint.dropFirst("tcp://".count)
    guard let colon = address.lastIndex(of: ":") else { return false }
    let host = address[..<colon]
    return host == "localhost" || host == "[::1]" || isLoopback(host)
  }

  private static func isLoopback(_ host: Substring) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
