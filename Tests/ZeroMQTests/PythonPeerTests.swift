import Foundation
import Testing
import ZeroMQ

/// Tests with pyzmq, another binding, as the peer if it is installed.
@Suite struct PythonPeerTests {
  static let hasPyzmq: Bool = {
    guard let process = try? start("import zmq") else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  @Test(.enabled(if: hasPyzmq, "pyzmq is not installed"))
  func aPythonDealerExchangesMessagesWithTheRouter() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind("tcp://127.0.0.1:0")
    let process = try Self.start(
      """
      import zmq
      socket = zmq.Context().socket(zmq.DEALER)
      socket.setsockopt(zmq.RCVTIMEO, \(patience))
      socket.connect("\(endpoint)")
      socket.send_multipart([b"abc", b"", bytes(range(256)) * 1000])
      frames = socket.recv_multipart()
      assert frames == [b"", b"\\x07" * 300000], len(frames)
      """)
    let frames = try receive(router)
    #expect(frames.count == 4)
    #expect(Array(frames.dropFirst()) == [Array("abc".utf8), [], Self.allBytes])
    try router.send([frames[0], [], [UInt8](repeating: 7, count: 300_000)])
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  private static let allBytes = (0..<256_000).map { UInt8(truncatingIfNeeded: $0) }

  private static func start(_ program: String) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", program]
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }
}
