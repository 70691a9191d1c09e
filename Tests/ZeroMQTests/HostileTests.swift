import Foundation
import Testing
import ZeroMQ

@Suite struct HostileTests {
  private static let greeting: [UInt8] =
    [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("NULL".utf8)
    + [UInt8](repeating: 0, count: 48)

  enum Garbage: CaseIterable {
    case httpRequest, silence, ones, noise, halfGreeting, halfCommand, endlessFrame, tooEarly

    var bytes: [UInt8] {
      switch self {
      case .httpRequest: Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
      case .silence: []
      case .ones: [UInt8](repeating: 0xFF, count: 4096)
      case .noise: .pattern(100_000)
      case .halfGreeting: Array(greeting.prefix(20))
      case .halfCommand: greeting + [0x04, 0xFF, 0xFF, 0xFF]
      case .endlessFrame:
        greeting + [0x06, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] + .pattern(100)
      case .tooEarly: greeting + [0x00, 0x05] + Array("hello".utf8)
      }
    }
  }

  @Test(arguments: Garbage.allCases)
  func garbageOnThePortDoesNotAffectTheRouter(garbage: Garbage) throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind("tcp://127.0.0.1:0")
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(endpoint)
    let address = try introduce(dealer, to: router)

    let stranger = try RawConnection(endpoint)
    stranger.write(garbage.bytes)
    try router.send([address, [1]])
    #expect(try receive(dealer) == [[1]])
    stranger.close()

    let newcomer = try Socket(.dealer, context: context)
    try newcomer.connect(endpoint)
    _ = try introduce(newcomer, to: router)
    #expect(try router.receive(maximumFrames: 9, maximumBytes: 999) == nil)
  }

  @Test func aThousandInvalidConnectionsDoNotAffectTheRouter() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind("tcp://127.0.0.1:0")
    for number in 0..<1000 {
      let stranger = try RawConnection(endpoint)
      stranger.write(Garbage.allCases[number % Garbage.allCases.count].bytes)
      stranger.close()
    }
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(endpoint)
    _ = try introduce(dealer, to: router)
  }
}

/// A plain TCP connection, without the ZeroMQ protocol.
struct RawConnection {
  private let descriptor: Int32

  struct Failure: Error {}

  init(_ endpoint: String) throws {
    let port = try #require(UInt16(endpoint.split(separator: ":").last ?? ""))
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Failure() }
  }

  /// Sends bytes until the peer closes the connection.
  func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Reads bytes with a timeout; returns fewer if the peer closes the connection.
  func read(_ count: Int) -> [UInt8] {
    var limit = timeval(tv_sec: patience / 1000, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    var bytes = [UInt8](repeating: 0, count: count)
    let length = recv(descriptor, &bytes, count, Int32(MSG_WAITALL))
    return Array(bytes.prefix(max(0, length)))
  }

  /// Closes the connection after the peer has closed its end.
  func closeAfterPeer() {
    _ = shutdown(descriptor, Int32(SHUT_WR))
    _ = read(10_000)
    close()
  }

  func close() {
    _ = Glibc.close(descriptor)
  }
}
