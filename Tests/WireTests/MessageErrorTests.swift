import Testing
import Wire

@Suite struct MessageErrorTests {
  private func frames(of sample: Sample) -> [[UInt8]] { sample.message.encoded() }

  private func failure(_ sample: Sample, with new: [UInt8], at offset: Int) -> WireError? {
    var frames = frames(of: sample)
    frames[0] = sealed(frames[0].replacing(at: offset, with: new))
    return WireTests.failure(frames)
  }

  /// Returns the error for a message of one frame with the given body.
  private func failure(kind: UInt8, body: [UInt8]) -> WireError? {
    WireTests.failure([frame(kind: kind, body: body)])
  }

  private func frame(kind: UInt8, body: [UInt8]) -> [UInt8] {
    let numbers = [UInt8](repeating: 0, count: kind == 1 || kind == 3 ? 8 : 12)
    return sealed(Array("TRIB".utf8) + [0, 0, 0, 0, 2, 0, kind, 0] + numbers + body)
  }

  @Test func aMessageWithoutFramesThrows() {
    #expect(WireTests.failure([]) == .frameCount(expected: 1, found: 0))
    #expect(
      WireTests.failure([[]]) == .truncated(place: "message.magic", needed: 4, left: 0))
  }

  @Test(arguments: Sample.allCases)
  func everyTruncationIsDetected(sample: Sample) {
    var frames = frames(of: sample)
    let first = frames[0]
    for length in 0..<first.count {
      frames[0] = Array(first.prefix(length))
      #expect(WireTests.failure(frames) != nil, "\(length) bytes")
      guard length >= 16 else { continue }
      frames[0] = sealed(frames[0])
      #expect(WireTests.failure(frames) != nil, "\(length) bytes and the right checksum")
    }
  }

  @Test(arguments: Sample.allCases)
  func trailingBytesAreDetected(sample: Sample) {
    var frames = frames(of: sample)
    frames[0] = sealed(frames[0] + [0, 0])
    #expect(WireTests.failure(frames) == .trailingBytes(place: "message", count: 2))
  }

  @Test(arguments: Sample.allCases)
  func everyFlippedBitOfTheFirstFrameIsDetected(sample: Sample) {
    let frames = frames(of: sample)
    for index in frames[0].indices {
      for bit in 0..<8 {
        var flipped = frames
        flipped[0][index] ^= 1 << UInt8(bit)
        #expect(WireTests.failure(flipped) != nil, "byte \(index), bit \(bit)")
      }
    }
  }

  @Test(arguments: Sample.allCases)
  func extraAndMissingFramesAreDetected(sample: Sample) {
    let frames = frames(of: sample)
    let extra = frames + [Sample.tensor.bytes]
    #expect(
      WireTests.failure(extra, limits: WireLimits(maximumFrames: 3))
        == .frameCount(expected: frames.count, found: frames.count + 1))
    if frames.count > 1 {
      #expect(
        WireTests.failure([frames[0]]) == .frameCount(expected: frames.count, found: 1))
    }
  }

  @Test func headerAndBodyMustAgreeOnTheNumberOfFrames() {
    let ready = frames(of: .ready)[0].replacing(at: 12, with: [1])
    #expect(
      WireTests.failure([sealed(ready), Sample.tensor.bytes])
        == .frameCount(expected: 1, found: 2))
    let piece = frames(of: .piece)[0].replacing(at: 12, with: [0])
    #expect(WireTests.failure([sealed(piece)]) == .frameCount(expected: 2, found: 1))
    let most = frames(of: .ready)[0].replacing(at: 12, with: [255, 255, 255, 255])
    #expect(WireTests.failure([sealed(most)]) == .frameCount(expected: 1 << 32, found: 1))
  }

  @Test func everyHeaderViolationHasItsOwnError() {
    #expect(
      failure(.ready, with: Array("GET ".utf8), at: 0)
        == .badMagic(place: "message.magic", found: 0x2054_4547))
    #expect(
      failure(.ready, with: [3, 0], at: 8)
        == .unsupportedVersion(place: "message.version", found: 3))
    #expect(failure(.ready, with: [0], at: 10) == .unknownMessageType(found: 0))
    #expect(failure(.ready, with: [14], at: 10) == .unknownMessageType(found: 14))
    #expect(failure(.ready, with: [1], at: 11) == .reservedNotZero(place: "message.reserved"))
    let frame = frames(of: .ready)[0]
    #expect(
      WireTests.failure([frame.replacing(at: 4, with: [0, 0, 0, 0])])
        == .checksumMismatch(
          place: "message", stated: 0, computed: referenceCRC(frame[8...])))
  }

  @Test func invalidTextsAreDetected() {
    #expect(
      failure(kind: 8, body: [2, 0, 0, 0, 0xC3, 0x28]) == .invalidUTF8(place: "drain.reason"))
    #expect(
      failure(kind: 8, body: [5, 0, 0, 0, 65])
        == .truncated(place: "drain.reason", needed: 5, left: 1))
    #expect(
      failure(kind: 9, body: [255, 255, 255, 255])
        == .textTooLong(place: "farewell.reason", limit: 4096, found: 0xFFFF_FFFF))
  }

  @Test func unknownEnumerationCodesAreDetected() {
    #expect(failure(kind: 3, body: [0]) == .unknownValue(place: "refusal.reason", found: 0))
    #expect(failure(kind: 3, body: [11]) == .unknownValue(place: "refusal.reason", found: 11))
    #expect(failure(kind: 5, body: [2]) == .unknownValue(place: "grant.hasVerdict", found: 2))
    let id = [UInt8](repeating: 0, count: 16)
    #expect(
      failure(kind: 5, body: [1] + id + [5]) == .unknownValue(place: "grant.verdict", found: 5))
    let lease = [0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 24)
    let rest = [UInt8](repeating: 0, count: 30)
    #expect(
      failure(kind: 5, body: lease + [3] + rest) == .unknownValue(place: "lease.work", found: 3))
    #expect(
      failure(kind: 5, body: lease + [2, 3] + rest)
        == .unknownValue(place: "lease.split", found: 3))
  }

  @Test func emptyRangesAreDetected() {
    #expect(
      failure(kind: 1, body: [2, 0, 1, 0]) == .protocolRange(minimum: 2, maximum: 1))
    // The first lease of the grant has slices 0 to 4, the second one samples 0 to 500.
    let grant = frames(of: .grant)[0]
    let slices = 24 + 1 + 16 + 1 + 8 + 4 + 24 + 1 + 8
    #expect(Array(grant[slices..<slices + 8]) == [0, 0, 0, 0, 4, 0, 0, 0])
    #expect(
      failure(.grant, with: [4], at: slices)
        == .emptyRange(place: "lease.slices", lower: 4, upper: 4))
    let samples = slices + 8 + 24 + 2
    #expect(
      failure(.grant, with: [0, 0], at: samples + 8)
        == .emptyRange(place: "lease.samples", lower: 0, upper: 0))
    let contribution = frames(of: .push)[0].count - 8
    #expect(
      failure(.push, with: [1], at: contribution)
        == .emptyRange(place: "push.contributions.slices", lower: 1, upper: 1))
  }

  @Test func damageToATensorFrameIsDetected() {
    var frames = frames(of: .piece)
    frames[1][70] ^= 1
    guard case .checksumMismatch("tensor", _, _) = WireTests.failure(frames) else {
      Issue.record("a different error, or none")
      return
    }
  }

  @Test func everyErrorHasADistinctDescriptionInOneLine() {
    let errors: [WireError] = [
      .tooManyFrames(limit: 1, found: 2), .frameCount(expected: 1, found: 2),
      .frameTooLarge(limit: 1, found: 2), .truncated(place: "p", needed: 1, left: 2),
      .trailingBytes(place: "p", count: 1), .badMagic(place: "p", found: 1),
      .unsupportedVersion(place: "p", found: 1),
      .checksumMismatch(place: "p", stated: 1, computed: 2), .unknownMessageType(found: 1),
      .unknownValue(place: "p", found: 1), .reservedNotZero(place: "p"),
      .textTooLong(place: "p", limit: 1, found: 2), .invalidUTF8(place: "p"),
      .listTooLong(place: "p", limit: 1, found: 2),
      .emptyRange(place: "p", lower: 2, upper: 1), .protocolRange(minimum: 2, maximum: 1),
      .tensorRank(limit: 1, found: 2), .tensorDimension(index: 0, found: 0),
      .tensorTooLarge(limit: 1), .tensorElementCount(stated: 1, computed: 2),
      .tensorPayload(expected: 1, found: 2), .pieceElements(limit: 1, found: 2),
      .dataType(expected: .float32, found: .uint8),
    ]
    #expect(Set(errors.map(\.description)).count == errors.count)
    #expect(errors.allSatisfy { !$0.description.isEmpty && !$0.description.contains("\n") })
  }
}
