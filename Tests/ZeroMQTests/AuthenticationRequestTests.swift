import Bytes
import Testing

@testable import ZeroMQ

/// Requests of ZAP (ZeroMQ RFC 27).
@Suite struct AuthenticationRequestTests {
  private static let key = [UInt8](0..<32)

  private static func frames(_ changes: [Int: [UInt8]] = [:]) -> [Bytes] {
    var frames = [
      Array("1.0".utf8), [7, 7], Array("tributary".utf8), Array("10.0.0.9".utf8), [],
      Array("CURVE".utf8), key,
    ]
    for (index, bytes) in changes { frames[index] = bytes }
    return frames.map { Bytes($0) }
  }

  @Test func aRequestHasItsParts() throws {
    let request = try AuthenticationRequest(frames: Self.frames())
    #expect(request.number == [7, 7] && request.address == "10.0.0.9")
    #expect(request.key == CurvePublicKey(bytes: Self.key))
  }

  @Test func theReplyRepeatsTheNumberAndNamesTheKeyOfAnAdmittedPeer() throws {
    let request = try AuthenticationRequest(frames: Self.frames())
    let (yes, no) = (request.reply(isAdmitted: true), request.reply(isAdmitted: false))
    for reply in [yes, no] {
      #expect(reply.count == 6 && reply[0] == Array("1.0".utf8) && reply[1] == [7, 7])
    }
    #expect(yes[2] == Array("200".utf8) && yes[4] == Array(request.key.text.utf8))
    #expect(no[2] == Array("400".utf8) && no[4].isEmpty)
  }

  @Test(arguments: [
    (0, Array("2.0".utf8)), (0, []), (5, Array("NULL".utf8)), (5, Array("PLAIN".utf8)),
    (6, []), (6, [UInt8](0..<31)), (6, [UInt8](0..<33)), (3, [UInt8](repeating: 65, count: 256)),
    (1, [UInt8](repeating: 0, count: 70_000)),
  ])
  func anotherFrameIsAViolation(index: Int, bytes: [UInt8]) {
    #expect(throws: AuthenticationRequest.Violation.self) {
      try AuthenticationRequest(frames: Self.frames([index: bytes]))
    }
  }

  @Test(arguments: 0..<12) func anotherNumberOfFramesIsAViolation(count: Int) {
    guard count != 7 else { return }
    let frames = (Self.frames() + Self.frames()).prefix(count)
    #expect(throws: AuthenticationRequest.Violation.frameCount(count)) {
      try AuthenticationRequest(frames: Array(frames))
    }
  }
}
