import Bytes
import TestSupport
import Testing
import Wire

/// Tests that peers with another version of the protocol can report the mismatch.
@Suite struct VersionTests {
  // Encoded by version 1, whose header has 20 bytes in every message.
  private static let hello = Array(
    hex:
      """
      54524942c6742330010001000000000000000000010001000700000077c3b672
      6b65720900000000000000060000006469676974730200000076310300000000
      000000
      """)
  private static let refusal = Array(
    hex:
      """
      545249424ada5d3a010003000000000000000000020a0000006f746865722064
      617461
      """)
  private static let ready = Array(hex: "54524942ea147c39010004000000000000000000")
  private static let heartbeat = Array(
    hex: "545249421fe6a67e010007000000000000000000e803000000000000")

  @Test func onlyVersion2IsSupported() {
    #expect(Message.supportedVersions == 2...2)
  }

  @Test func theHelloOfVersion1IsDecoded() throws {
    let hello = Hello(
      minimumProtocol: 1, maximumProtocol: 1, name: "wörker", incarnation: 9, dataset: "digits",
      recipe: "v1", model: 3)
    #expect(try Message(frames: [Self.hello]) == .hello(hello))
  }

  @Test func theRefusalOfVersion1IsDecoded() throws {
    let refusal = Refusal(reason: .dataset, detail: "other data")
    #expect(try Message(frames: [Self.refusal]) == .refusal(refusal))
  }

  @Test(arguments: [ready, heartbeat])
  func otherMessagesOfVersion1AreNotDecoded(frame: [UInt8]) {
    #expect(failure([frame]) == .unsupportedVersion(place: "message.version", found: 1))
  }

  @Test(arguments: [Sample.hello, .refusal], [UInt8(0), 1, 3, 99])
  func helloAndRefusalOfAnyVersionAreDecoded(sample: Sample, version: UInt8) throws {
    let frame = sealed(sample.message.encodedHeader().replacing(at: 8, with: [version, 0]))
    #expect(try Message(frames: [frame]) == sample.message)
  }

  @Test func theLayoutOfARefusalIsThatOfVersion1() {
    let refusal = Sample.refusal.message.encodedHeader()
    #expect(sealed(refusal.replacing(at: 8, with: [1, 0])) == Self.refusal)
  }

  @Test func theLayoutOfAHelloIsThatOfVersion1() {
    let hello = Sample.hello.message.encodedHeader().replacing(at: 8, with: [1, 0])
    #expect(sealed(hello.replacing(at: 20, with: [1, 0, 1, 0])) == Self.hello)
  }

  @Test func anUnknownTypeOfAnotherVersionIsReportedAsTheVersion() {
    let frame = sealed(Self.ready.replacing(at: 10, with: [99]))
    #expect(failure([frame]) == .unsupportedVersion(place: "message.version", found: 1))
  }
}
