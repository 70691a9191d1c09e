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
    let largest = grant.encoded().map(\.count).max() ?? 0
    #expect(failure(grant) { $0.maximumFrames = 2 } == nil)
    #expect(failure(grant) { $0.maximumFrames = 1 } == .tooManyFrames(limit: 1, found: 2))
    #expect(failure(grant) { $0.maximumFrameBytes = largest } == nil)
    #expect(
      failure(grant) { $0.maximumFrameBytes = largest - 1 }
        == .frameTooLarge(limit: largest - 1, found: largest))
    #expect(failure(grant) { $0.maximumListCount = 2 } == nil)
    #expect(
      failure(grant) { $0.maximumListCount = 1 }
        == .listTooLong(place: "grant.leases", limit: 1, found: 2))
    #expect(failure(grant) { $0.maximumTextBytes = 4 } == nil)
    #expect(
      failure(grant) { $0.maximumTextBytes = 3 }
        == .textTooLong(place: "grant.verdict.reason", limit: 3, found: 4))
    #expect(failure(grant) { $0.maximumTensorElements = 2 } == nil)
    #expect(failure(grant) { $0.maximumTensorElements = 1 } == .tensorTooLarge(limit: 1))
    #expect(failure(grant) { $0.maximumTensorRank = 1 } == nil)
    #expect(failure(grant) { $0.maximumTensorRank = 0 } == .tensorRank(limit: 0, found: 1))
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
          protocolVersion: 1, incarnation: 1, settings: [], dataset: "",
          layout: [TensorSpec(name: "t", shape: shape, trainable: true)],
          heartbeatMilliseconds: 1, silenceMilliseconds: 1))
    }
    #expect(failure(welcome([])) { _ in } == nil)
    #expect(
      failure(welcome([UInt32](repeating: 1, count: 9))) { _ in }
        == .tensorRank(limit: 8, found: 9))
    #expect(failure(welcome([3, 0])) { _ in } == .tensorDimension(index: 1, found: 0))
    #expect(
      failure(welcome([.max, .max, .max])) { _ in } == .tensorTooLarge(limit: 16 << 20))
  }

  @Test func aStatedLengthBeyondTheFrameThrows() {
    var limits = WireLimits()
    limits.maximumListCount = .max
    limits.maximumTextBytes = .max
    // A push without sums; the number of sums is at offset 44.
    let id = LeaseID(incarnation: 0, counter: 0)
    let push = Message.push(Push(result: LeaseResult(id: id, version: 0, sums: [])))
    let frame = push.encodedHeader().replacing(at: 44, with: [255, 255, 255, 255])
    #expect(
      WireTests.failure([sealed(frame)], limits: limits)
        == .truncated(place: "push.sums", needed: 24 * 0xFFFF_FFFF, left: 4))
    let drain = Message.drain(Drain(reason: "")).encodedHeader()
    #expect(
      WireTests.failure(
        [sealed(drain.replacing(at: 20, with: [255, 255, 255, 255]))], limits: limits)
        == .truncated(place: "drain.reason", needed: 0xFFFF_FFFF, left: 0))
  }

  @Test func modelLimitsFitTheMessagesOfTheModel() throws {
    let elements = 81_674
    let values = EncodedTensor(
      float32: [Float](repeating: 0.5, count: elements), shape: [elements])
    let limits = WireLimits.model(elements: elements, slices: 8)
    let contributions = (0..<UInt32(8)).map { Contribution(slices: $0..<$0 + 1, values: values) }
    let result = LeaseResult(
      id: LeaseID(incarnation: 1, counter: 1), version: 1,
      sums: [SampleSums](repeating: SampleSums(), count: 8), contributions: contributions)
    let frames = Message.push(Push(result: result)).encoded()
    #expect(WireTests.failure(frames, limits: limits) == nil)
    let larger = EncodedTensor(
      float32: [Float](repeating: 0, count: elements + 1), shape: [elements + 1])
    let grant = Message.grant(Grant(version: 1, weights: larger))
    #expect(
      WireTests.failure(grant.encoded(), limits: limits) == .tensorTooLarge(limit: elements))
  }

  @Test func modelLimitsDoNotOverflow() {
    let limits = WireLimits.model(elements: .max, slices: .max)
    #expect(limits.maximumFrameBytes == .max)
    #expect(limits.maximumFrames > 0)
  }
}
