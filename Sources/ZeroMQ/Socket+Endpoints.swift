/// A version of IP.
public enum AddressFamily: Sendable, Hashable {
  /// IPv4.
  case ipv4
  /// IPv6.
  case ipv6
}

extension Socket {
  /// Binds the socket to an endpoint and accepts connections.
  ///
  /// An existing file at the path of an `ipc` endpoint is replaced even if another process is bound
  /// to it. libzmq does so because the file of a killed process remains.
  ///
  /// - Parameter endpoint: `tcp://ADDRESS:PORT`, `ipc://PATH` or `inproc://NAME`. `ADDRESS` is an
  ///   IPv4 address, an IPv6 address in brackets, or `*` for all interfaces and both versions of
  ///   IP, as far as the system has them; port 0 selects a free port.
  /// - Returns: The actual endpoint, with the selected port.
  /// - Throws: ``ZeroMQError/addressInUse(endpoint:)``,
  ///   ``ZeroMQError/addressNotAvailable(endpoint:)``,
  ///   ``ZeroMQError/invalidEndpoint(endpoint:reason:)`` or
  ///   ``ZeroMQError/permissionDenied(endpoint:)``.
  @discardableResult
  public func bind(_ endpoint: String) throws(ZeroMQError) -> String {
    try handle.bind(endpoint)
    return try handle.lastEndpoint()
  }

  /// Connects the socket to an endpoint, retrying until it succeeds and whenever the connection is
  /// lost.
  ///
  /// The method returns immediately. An unreachable host or a name that does not resolve is not an
  /// error; messages just do not arrive.
  ///
  /// - Parameter family: The version of IP that a host name is resolved for; without it, IPv4. An
  ///   endpoint with an address ignores it.
  /// - Throws: ``ZeroMQError/invalidEndpoint(endpoint:reason:)`` if the endpoint is malformed.
  public func connect(
    _ endpoint: String, family: AddressFamily? = nil
  ) throws(ZeroMQError) {
    try handle.connect(endpoint, isIPv6: family == .ipv6 || endpoint.contains("["))
  }

  /// The last endpoint the socket was bound or connected to, with the selected port; empty if none.
  public var lastEndpoint: String {
    get throws(ZeroMQError) { try handle.lastEndpoint() }
  }
}
