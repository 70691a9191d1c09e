/// The endpoints that a server binds for one that the user names.
enum ListenAddress {
  /// Returns the endpoints for `endpoint`, which may have the name of an interface or of a host in
  /// place of an address: one for each of its addresses.
  ///
  /// - Throws: ``ProcessError/unresolved(host:reason:)`` if the name has no address.
  static func endpoints(of endpoint: String) throws(ProcessError) -> [String] {
    guard let address = TCPAddress(endpoint), !address.isNumeric else { return [endpoint] }
    let own = HostAddresses.ofInterface(address.host)
    let hosts = own.isEmpty ? try resolve(address.host) : own
    return hosts.map { TCPAddress(host: $0, port: address.port).endpoint }
  }

  private static func resolve(_ host: String) throws(ProcessError) -> [String] {
    do {
      return try HostAddresses.ofName(host)
    } catch {
      throw .unresolved(host: host, reason: error.text)
    }
  }
}
