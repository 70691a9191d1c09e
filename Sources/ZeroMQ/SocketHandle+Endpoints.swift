internal import CZeroMQ

extension SocketHandle {
  func bind(_ endpoint: String) throws(ZeroMQError) {
    try prepare(for: endpoint)
    guard zmq_bind(try open(), endpoint) == 0 else { throw .last("bind", endpoint) }
  }

  func connect(_ endpoint: String) throws(ZeroMQError) {
    try prepare(for: endpoint)
    guard zmq_connect(try open(), endpoint) == 0 else { throw .last("connect", endpoint) }
  }

  /// Refuses a port that libzmq would cut to 16 bits, and speaks IPv6 to `[ADDRESS]` only, since
  /// libzmq otherwise shows IPv4 addresses in IPv6's form.
  private func prepare(for endpoint: String) throws(ZeroMQError) {
    guard endpoint.hasPrefix("tcp://") else { return }
    let port = endpoint.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
    if let number = Int(port), number > Int(UInt16.max) {
      throw .invalidEndpoint(endpoint: endpoint, reason: "a port is at most 65535")
    }
    try set(ZMQ_IPV6, Int32(endpoint.contains("[") ? 1 : 0))
  }

  /// The last endpoint bound or connected to, with the port that was picked.
  func lastEndpoint() throws(ZeroMQError) -> String {
    var bytes = [UInt8](repeating: 0, count: 1024)
    var size = bytes.count
    guard zmq_getsockopt(try open(), ZMQ_LAST_ENDPOINT, &bytes, &size) == 0 else {
      throw .last("endpoint")
    }
    return String(decoding: bytes.prefix(max(0, size - 1)), as: UTF8.self)
  }
}
