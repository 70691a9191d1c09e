extension Socket {
  /// Accepts peers at an endpoint.
  ///
  /// A file that is in the way of an ipc endpoint is replaced, even if another process is bound to
  /// it: libzmq does so, because the file outlives a process that was killed.
  ///
  /// - Parameter endpoint: `tcp://ADDRESS:PORT`, where port 0 picks a free one and `*` stands for
  ///   all interfaces and `[ADDRESS]` for IPv6, or `ipc://PATH`, or `inproc://NAME`.
  /// - Returns: The endpoint in use, with the port that was picked.
  /// - Throws: ``ZeroMQError/addressInUse(endpoint:)``,
  ///   ``ZeroMQError/addressNotAvailable(endpoint:)``,
  ///   ``ZeroMQError/invalidEndpoint(endpoint:reason:)`` or
  ///   ``ZeroMQError/permissionDenied(endpoint:)``.
  @discardableResult
  public func bind(_ endpoint: String) throws(ZeroMQError) -> String {
    try handle.bind(endpoint)
    return try handle.lastEndpoint()
  }

  /// Connects to an endpoint, again and again until it answers, and anew whenever it is lost.
  ///
  /// It returns at once. A host that is not there, or whose name is not known, shows only in that
  /// no message arrives.
  ///
  /// - Throws: ``ZeroMQError/invalidEndpoint(endpoint:reason:)`` for one that cannot be
  ///   understood.
  public func connect(_ endpoint: String) throws(ZeroMQError) {
    try handle.connect(endpoint)
  }

  /// The endpoint bound or connected to last, with the port that was picked; empty before.
  public var lastEndpoint: String {
    get throws(ZeroMQError) { try handle.lastEndpoint() }
  }
}
