extension Socket {
  /// Binds the socket to an endpoint and accepts connections.
  ///
  /// An existing file at the path of an `ipc` endpoint is replaced even if another process is bound
  /// to it. libzmq does so because the file of a killed process remains.
  ///
  /// - Parameter endpoint: `tcp://ADDRESS:PORT`, `ipc://PATH` or `inproc://NAME`. `ADDRESS` is an
  ///   IPv4 address, an IPv6 address in brackets, or `*` for all interfaces; port 0 selects a free
  ///   port.
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
  /// - Throws: ``ZeroMQError/invalidEndpoint(endpoint:reason:)`` if the endpoint is malformed.
  public func connect(_ endpoint: String) throws(ZeroMQError) {
    try handle.connect(endpoint)
  }

  /// The last endpoint the socket was bound or connected to, with the selected port; empty if none.
  public var lastEndpoint: String {
    get throws(ZeroMQError) { try handle.lastEndpoint() }
  }
}
