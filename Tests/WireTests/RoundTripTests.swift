import Numerics
import Testing
import Wire

@Suite struct RoundTripTests {
  private func expectRoundTrip(_ message: Message) throws {
    let frames = message.encoded()
    #expect(frames.count == (message.tensor == nil ? 1 : 2))
    #expect(frames[0] == message.encodedHeader())
    #expect(try Message(frames: frames) == message)
  }

  @Test(arguments: Sample.allCases)
  func everyMessageRoundTrips(sample: Sample) throws {
    try expectRoundTrip(sample.message)
  }

  @Test(arguments: [
    "", "a", "å∫ç", "👩🏽‍🚀", "a\0b", String(repeating: "é", count: 64),
  ])
  func everyTextRoundTrips(text: String) throws {
    try expectRoundTrip(.hello(Hello(name: text, incarnation: 0, dataset: text, recipe: text)))
    try expectRoundTrip(.drain(Drain(reason: text)))
    try expectRoundTrip(.refusal(Refusal(reason: .full, detail: text)))
  }

  @Test func integerBoundsRoundTrip() throws {
    for value in [0, 1, UInt64.max - 1, .max] {
      try expectRoundTrip(.heartbeat(Heartbeat(progress: value)))
      try expectRoundTrip(.grant(Grant(version: value)))
      let hello = Hello(
        minimumProtocol: 0, maximumProtocol: .max, name: "", incarnation: value, dataset: "",
        model: value)
      try expectRoundTrip(.hello(hello))
    }
    let train = Work.train(batch: .max, slices: .max - 1 ..< .max)
    let test = Work.evaluate(split: .test, samples: 0 ..< .max)
    let id = LeaseID(incarnation: .max, counter: .max)
    let leases = [train, test].map { Lease(id: id, version: .max, work: $0) }
    try expectRoundTrip(.grant(Grant(leases: leases, version: 0)))
  }

  @Test(arguments: [Verdict.applied, .duplicate, .stale, .rejected(""), .rejected("why")])
  func everyVerdictRoundTrips(verdict: Verdict) throws {
    let id = LeaseID(incarnation: 1, counter: 2)
    let judged = LeaseVerdict(id: id, verdict: verdict)
    try expectRoundTrip(.grant(Grant(verdict: judged, version: 3)))
  }

  @Test(arguments: RefusalReason.allCases)
  func everyRefusalReasonRoundTrips(reason: RefusalReason) throws {
    try expectRoundTrip(.refusal(Refusal(reason: reason, detail: "")))
  }

  @Test(arguments: RunStatus.Phase.allCases)
  func everyPhaseRoundTrips(phase: RunStatus.Phase) throws {
    var status = RunStatus(recipe: "", mode: "å", phase: phase, step: .max, steps: .max)
    (status.loss, status.accuracy) = (.infinity, -0.0)
    try expectRoundTrip(.status(status))
    // A loss that is not a number is one after decoding, too; such values are not equal.
    status.loss = .nan
    guard case .status(let read) = try Message(frames: Message.status(status).encoded()) else {
      Issue.record("another message")
      return
    }
    #expect(read.loss.isNaN)
  }

  @Test(arguments: Split.allCases)
  func everySplitRoundTrips(split: Split) throws {
    let work = Work.evaluate(split: split, samples: 3..<4)
    let lease = Lease(id: LeaseID(incarnation: 1, counter: 1), version: 1, work: work)
    try expectRoundTrip(.grant(Grant(leases: [lease], version: 1)))
  }

  @Test func extremeLossesRoundTrip() throws {
    for loss in [0, -0.0, 1.5, .infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude] {
      let sums = SampleSums(lossSum: loss, correct: 1, count: 2)
      let id = LeaseID(incarnation: 1, counter: 1)
      try expectRoundTrip(.push(Push(id: id, version: 1, sums: [sums])))
    }
  }

  @Test func aPushOfManyContributionsRoundTrips() throws {
    let sums = (0..<8).map { SampleSums(lossSum: Double($0), correct: 0, count: $0) }
    let push = Push(
      id: LeaseID(incarnation: 1, counter: 1), version: 1, computeMicroseconds: .max, sums: sums,
      contributions: (0..<8).map { $0..<$0 + 1 })
    try expectRoundTrip(.push(push))
  }

  @Test func aPushAnnouncesEverythingOfAResultButTheGradients() {
    let contributions = [0..<2, 2..<3].map { (slices: Range<UInt32>) in
      Contribution(slices: slices, values: PiecewiseVector([1, 2]))
    }
    let id = LeaseID(incarnation: 1, counter: 2)
    let result = LeaseResult(
      id: id, version: 3, computeMicroseconds: 4, sums: [SampleSums()],
      contributions: contributions)
    #expect(
      Push(result)
        == Push(
          id: id, version: 3, computeMicroseconds: 4, sums: [SampleSums()],
          contributions: [0..<2, 2..<3]))
  }

  @Test(arguments: [
    (Duration.zero, UInt64(0)), (.nanoseconds(1999), 1), (.seconds(3), 3_000_000),
    (.milliseconds(1500), 1_500_000), (.seconds(-1), 0),
  ])
  func theDurationOfAComputationIsInMicroseconds(duration: Duration, expected: UInt64) {
    let result = LeaseResult(
      id: LeaseID(incarnation: 1, counter: 1), version: 1, sums: [SampleSums()])
    #expect(result.taking(duration).computeMicroseconds == expected)
  }

  @Test func extremePiecesRoundTrip() throws {
    for number in [0, 1, UInt32.max] {
      try expectRoundTrip(.piece(Piece(transfer: number, index: number, values: Sample.tensor)))
    }
    let longest = [Float](repeating: 1, count: TransferLimits.mostPieceElements)
    try expectRoundTrip(
      .piece(Piece(transfer: 1, index: 0, values: EncodedTensor(float32: longest[...]))))
  }

  @Test(arguments: [
    TransferLimits(), TransferLimits(pieceElements: 1, windowBytes: 0),
    TransferLimits(pieceElements: .max, windowBytes: .max),
  ])
  func transferLimitsRoundTrip(limits: TransferLimits) throws {
    let welcome = Welcome(
      protocolVersion: 2, incarnation: 1, settings: [], dataset: "", layout: [],
      heartbeatMilliseconds: 0, silenceMilliseconds: 0, patienceMilliseconds: .max,
      transfers: limits)
    try expectRoundTrip(.welcome(welcome))
  }

  @Test(arguments: Sample.allCases)
  func numbersRoundTripInAllMessagesButHelloAndRefusal(sample: Sample) throws {
    let numbers: [(UInt32, UInt32)] = [(0, 0), (1, 0), (.max, 1), (1, .max), (300, 70_000)]
    for (number, acknowledged) in numbers {
      let message = NumberedMessage(sample.message, number: number, acknowledged: acknowledged)
      let decoded = try NumberedMessage(frames: message.encoded())
      #expect(decoded.message == sample.message && decoded.number == number)
      let hasField = sample != .hello && sample != .refusal
      #expect(decoded.acknowledged == (hasField ? acknowledged : 0))
    }
  }

  @Test(arguments: Sample.allCases)
  func theByteCountIsThatOfAllFrames(sample: Sample) {
    let message = NumberedMessage(sample.message, number: 1, acknowledged: 2)
    #expect(message.encodedByteCount == message.encoded().reduce(0) { $0 + $1.count })
  }

  @Test func aWelcomeOfManySettingsAndTensorsRoundTrips() throws {
    let welcome = Welcome(
      protocolVersion: 2, incarnation: .max,
      settings: (0..<100).map { Setting(key: "key\($0)", value: "value \($0)") }, dataset: "d",
      layout: (1..<50).map {
        TensorSpec(name: "t\($0)", shape: [UInt32($0), 2], trainable: $0 % 2 == 0)
      },
      heartbeatMilliseconds: .max, silenceMilliseconds: 0)
    try expectRoundTrip(.welcome(welcome))
  }

  @Test func aLongExplanationIsTruncatedAtACharacterBoundary() throws {
    let long = String(repeating: "👩🏽‍🚀", count: 1000)
    let frames = Message.drain(Drain(reason: long)).encoded()
    guard case .drain(let drain) = try Message(frames: frames) else {
      Issue.record("a different message")
      return
    }
    #expect(drain.reason.utf8.count <= WireLimits.explanationBytes)
    #expect(drain.reason.utf8.count > WireLimits.explanationBytes - 20)
    #expect(long.hasPrefix(drain.reason))
  }

  @Test func leaseIDsAreOrderedByIncarnationAndCounter() {
    let ids = [(1, 5), (1, 6), (2, 0)].map { LeaseID(incarnation: $0, counter: $1) }
    #expect(ids.shuffled().sorted() == ids)
    #expect(ids[1].description == "1:6")
  }
}
