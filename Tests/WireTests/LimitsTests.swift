import Numerics
import Testing
import Wire

@Suite struct LimitsTests {
  private func failure(
    _ message: Message, _ change: (inout WireLimits) -> Void
  ) -> WireError? {
    var limits = WireLimits()
    change(&limits)
    return WireTests.failure(message.encoded(), limits: limits)
  }

  @Test func aMessageAtALimitIsAcceptedAndOneBeyondIsRejected() {
    let grant = Sample.grant.message
    #expect(failure(grant) { $0.maximumListCount = 2 } == nil)
    #expect(
      failure(grant) { $0.maximumListCount = 1 }
        == .listTooLong(place: "grant.leases", limit: 1, found: 2))
    #expect(failure(grant) { $0.maximumTextBytes = 4 } == nil)
    #expect(
      failure(grant) { $0.maximumTextBytes = 3 }
        == .textTooLong(place: "grant.verdict.reason", limit: 3, found: 4))
  }

  @Test func aStatusWithALongTextOrAnUnknownPhaseIsRejected() {
    let status = Sample.status.message
    #expect(failure(status) { $0.maximumTextBytes = 5 } == nil)
    #expect(
      failure(status) { $0.maximumTextBytes = 4 }
        == .textTooLong(place: "status.mode", limit: 4, found: 5))
    var frame = status.encoded()[0]
    frame[24 + 6 + 9] = 7  // after the header and two texts
    #expect(
      WireTests.failure([sealed(frame)]) == .unknownValue(place: "status.phase", found: 7))
  }

  @Test func aPieceAtALimitIsAcceptedAndOneBeyondIsRejected() {
    let piece = Sample.piece.message
    let largest = piece.encoded().map(\.count).max() ?? 0
    #expect(failure(piece) { $0.maximumFrames = 2 } == nil)
    #expect(failure(piece) { $0.maximumFrames = 1 } == .tooManyFrames(limit: 1, found: 2))
    #expect(failure(piece) { $0.maximumFrameBytes = largest } == nil)
    #expect(
      failure(piece) { $0.maximumFrameBytes = largest - 1 }
        == .frameTooLarge(limit: largest - 1, found: largest))
    #expect(failure(piece) { $0.maximumTensorElements = 2 } == nil)
    #expect(failure(piece) { $0.maximumTensorElements = 1 } == .tensorTooLarge(limit: 1))
    #expect(failure(piece) { $0.maximumTensorRank = 1 } == nil)
    #expect(failure(piece) { $0.maximumTensorRank = 0 } == .tensorRank(limit: 0, found: 1))
  }

  @Test func theDefaultLimitsFitTheLargestPieceAndNotMuchMore() {
    let limits = WireLimits()
    #expect(limits.maximumFrames == 2 && limits.maximumFrameBytes == 2 << 20)
    #expect(limits.maximumMessageBytes == 4 << 20)
    let floats = [Float](repeating: 0.5, count: 1 << 19)
    let largest = EncodedTensor(float32: floats[..<(floats.count - 16)])
    #expect(largest.bytes.count == limits.maximumFrameBytes)
    #expect(WireTests.failure(tensor: largest.bytes) == nil)
    let larger = EncodedTensor(float32: floats[..<(floats.count - 15)])
    let piece = Message.piece(Piece(transfer: 1, index: 0, values: larger))
    #expect(
      WireTests.failure(piece.encoded())
        == .frameTooLarge(limit: 2 << 20, found: larger.bytes.count))
    #expect(TransferLimits.mostPieceElements < floats.count)
  }

  @Test func aPushOfTheMostSlicesIsWithinTheDefaultLimits() {
    // The runs of slices are nodes of a tree, so there are few.
    let push = Push(
      id: LeaseID(incarnation: 1, counter: 1), version: 1,
      sums: [SampleSums](repeating: SampleSums(), count: WireLimits().maximumListCount),
      contributions: (0..<40).map { $0..<$0 + 1 })
    #expect(failure(.push(push)) { _ in } == nil)
  }

  @Test(arguments: ["hello.name", "hello.dataset", "hello.recipe"])
  func longTextsOfAHelloAreRejected(place: String) {
    func hello(_ bytes: Int) -> Message {
      let text = String(repeating: "a", count: bytes)
      return .hello(
        Hello(
          name: place == "hello.name" ? text : "", incarnation: 1,
          dataset: place == "hello.dataset" ? text : "",
          recipe: place == "hello.recipe" ? text : ""))
    }
    #expect(failure(hello(128)) { _ in } == nil)
    #expect(
      failure(hello(129)) { _ in } == .textTooLong(place: place, limit: 128, found: 129))
    #expect(
      failure(hello(21)) { $0.maximumTextBytes = 20 }
        == .textTooLong(place: place, limit: 20, found: 21))
  }

  @Test func aTensorFrameObeysTheFrameSizeLimit() {
    let bytes = Sample.tensor.bytes
    let limits = WireLimits(maximumFrameBytes: bytes.count - 1)
    #expect(
      WireTests.failure(tensor: bytes, limits: limits)
        == .frameTooLarge(limit: bytes.count - 1, found: bytes.count))
  }

  @Test func theLayoutInAWelcomeObeysTheTensorLimits() {
    func welcome(_ shape: [UInt32]) -> Message {
      .welcome(
        Welcome(
          protocolVersion: 2, incarnation: 1, settings: [], dataset: "",
          layout: [TensorSpec(name: "t", shape: shape, trainable: true)],
          heartbeatMilliseconds: 1, silenceMilliseconds: 1))
    }
    #expect(failure(welcome([])) { _ in } == nil)
    #expect(
      failure(welcome([UInt32](repeating: 1, count: 9))) { _ in }
        == .tensorRank(limit: 8, found: 9))
    #expect(failure(welcome([3, 0])) { _ in } == .tensorDimension(index: 1, found: 0))
    #expect(
      failure(welcome([.max, .max, .max])) { _ in } == .tensorTooLarge(limit: 1 << 32))
  }

  @Test func aStatedLengthBeyondTheFrameThrows() {
    var limits = WireLimits()
    limits.maximumListCount = .max
    limits.maximumTextBytes = .max
    // A push without sums; the number of sums is at offset 56.
    let id = LeaseID(incarnation: 0, counter: 0)
    let push = Message.push(Push(id: id, version: 0, sums: []))
    let frame = push.encodedHeader().replacing(at: 56, with: [255, 255, 255, 255])
    #expect(
      WireTests.failure([sealed(frame)], limits: limits)
        == .truncated(place: "push.sums", needed: 24 * 0xFFFF_FFFF, left: 4))
    let drain = Message.drain(Drain(reason: "")).encodedHeader()
    #expect(
      WireTests.failure(
        [sealed(drain.replacing(at: 24, with: [255, 255, 255, 255]))], limits: limits)
        == .truncated(place: "drain.reason", needed: 0xFFFF_FFFF, left: 0))
  }
}
