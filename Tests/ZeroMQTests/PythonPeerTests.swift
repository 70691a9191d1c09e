import Foundation
import TestSupport
import Testing
import ZeroMQ

/// Tests with pyzmq, another binding, as the peer if it is installed.
@Suite struct PythonPeerTests {
  static let hasPyzmq = Command.python(["-c", "import zmq"]).output() != nil

  @Test(.enabled(if: hasPyzmq, "pyzmq is not installed"))
  func aPythonDealerExchangesMessagesWithTheRouter() async throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind("tcp://127.0.0.1:0")
    let program =
      """
      import zmq
      socket = zmq.Context().socket(zmq.DEALER)
      socket.setsockopt(zmq.RCVTIMEO, \(patience))
      socket.connect("\(endpoint)")
      socket.send_multipart([b"abc", b"", bytes(range(256)) * 1000])
      frames = socket.recv_multipart()
      assert frames == [b"", b"\\x07" * 300000], len(frames)
      """
    let peer = onThread { Command.python(["-c", program]).output() }
    let frames = try receive(router)
    #expect(frames.count == 4)
    #expect(Array(frames.dropFirst()) == [Array("abc".utf8), [], Self.allBytes])
    try router.send([frames[0], [], [UInt8](repeating: 7, count: 300_000)])
    #expect(await peer.value != nil)
  }

  private static let allBytes = (0..<256_000).map { UInt8(truncatingIfNeeded: $0) }
}
