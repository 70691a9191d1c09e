internal import CZeroMQ

extension SocketHandle {
  func bind(_ endpoint: String) throws(ZeroMQError) {
    // libzmq reports IPv4 addresses in their IPv6 form if IPv6 is enabled.
    try prepare(for: endpoint, isIPv6: endpoint.contains("[") || endpoint.hasPrefix("tcp://*:"))
    guard unsafe zmq_bind(try open(), endpoint) == 0 else { throw .last("bind", endpoint) }
  }

  func connect(_ endpoint: String, isIPv6: Bool = false) throws(ZeroMQError) {
    try prepare(for: endpoint, isIPv6: isIPv6)
    guard unsafe zmq_connect(try open(), endpoint) == 0 else { throw .last("connect", endpoint) }
  }

  /// Rejects a port that libzmq would truncate to 16 bits, and enables or disables IPv6.
  private func prepare(for endpoint: String, isIPv6: Bool) throws(ZeroMQError) {
    guard endpoint.hasPrefix("tcp://") else { return }
    let port = endpoint.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
    if let number = Int(port), number > Int(UInt16.max) {
      throw .invalidEndpoint(endpoint: endpoint, reason: "the port exceeds 65535")
    }
    try set(ZMQ_IPV6, Int32(isIPv6 ? 1 : 0))
  }

  /// Returns the last endpoint bound or connected to, with the selected port.
  func lastEndpoint() throws(ZeroMQError) -> String {
    var bytes = [UInt8](repeating: 0, count: 1024)
    var size = bytes.count
    guard unsafe zmq_getsockopt(try open(), ZMQ_LAST_ENDPOINT, &bytes, &size) == 0 else {
      throw .last("endpoint")
    }
    return String(decoding: bytes.prefix(max(0, size - 1)), as: UTF8.self)
  }
}
