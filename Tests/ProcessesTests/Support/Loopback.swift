import Glibc
import Testing

/// TCP on this host, one blocking call at a time; the caller closes the descriptors.
enum Loopback {
  private static let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

  /// The port in an endpoint `tcp://HOST:PORT`.
  static func port(of endpoint: String) throws -> UInt16 {
    try #require(UInt16(endpoint.split(separator: ":").last ?? ""), "no port: \(endpoint)")
  }

  /// Connects to a port; returns nil if no process listens there.
  ///
  /// - Parameter buffer: the size of the socket's buffers; nil for the kernel's choice.
  static func connect(_ port: UInt16, buffer: Int32? = nil) -> Int32? {
    let descriptor = socket(AF_INET, stream, 0)
    if let buffer { limitBuffers(of: descriptor, to: buffer) }
    if call(Glibc.connect, descriptor, port) == 0 { return withoutDelay(descriptor) }
    close(descriptor)
    return nil
  }

  /// Creates a socket that listens at a free port.
  static func listen() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, stream, 0)
    try #require(call(Glibc.bind, descriptor, 0) == 0 && Glibc.listen(descriptor, 100) == 0)
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
    }
    try #require(result == 0)
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  /// Accepts the next connection; returns nil after the listening socket was shut down.
  static func accept(_ listener: Int32) -> Int32? {
    while true {
      let descriptor = Glibc.accept(listener, nil, nil)
      if descriptor >= 0 {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)  // not for the programs that tests start
        return withoutDelay(descriptor)
      }
      guard errno == EINTR || errno == ECONNABORTED else { return nil }
    }
  }

  /// Receives at least one byte; returns nil at the end of the connection.
  static func receive(_ descriptor: Int32, atMost most: Int) -> [UInt8]? {
    let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
      count = max(0, recv(descriptor, buffer.baseAddress, most, 0))
    }
    return bytes.isEmpty ? nil : bytes
  }

  /// Sends all bytes; returns false if the connection ended before.
  @discardableResult
  static func send(_ bytes: some Collection<UInt8>, to descriptor: Int32) -> Bool {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Sets the size of a socket's buffers, before it is connected or has a connection.
  static func limitBuffers(of descriptor: Int32, to size: Int32) {
    var size = size
    for option in [SO_RCVBUF, SO_SNDBUF] {
      setsockopt(descriptor, SOL_SOCKET, option, &size, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  private static func withoutDelay(_ descriptor: Int32) -> Int32 {
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(4))
    return descriptor
  }

  private static func call(
    _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, _ descriptor: Int32,
    _ port: UInt16
  ) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
