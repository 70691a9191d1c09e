import Testing

/// The repeater finds the messages in the bytes, independent of how those are split.
@Suite struct MessageRepeaterTests {
  private static let greeting = [UInt8](repeating: 4, count: 64)
  private static let ready: [UInt8] = [4, 3, 1, 2, 3]
  private static let ping: [UInt8] = [4, 1, 0]
  /// Two frames, the second one empty.
  private static let first: [UInt8] = [1, 2, 9, 9, 0, 0]
  /// One frame with a length of eight bytes; each of its bytes looks like flags.
  private static let second: [UInt8] =
    [2, 0, 0, 0, 0, 0, 0, 1, 2] + [UInt8](repeating: 1, count: 258)
  private static let all = greeting + ready + first + ping + second + first

  /// The output for the bytes in pieces of `length`; the repeater is armed before the piece with
  /// `byte`.
  private func passed(pieces length: Int, armedAt byte: Int?) -> [UInt8] {
    var repeater = MessageRepeater()
    return stride(from: 0, to: Self.all.count, by: length).flatMap { start in
      let piece = Self.all[start..<min(start + length, Self.all.count)]
      if let byte, piece.indices.contains(byte) { repeater.isArmed = true }
      return repeater.pass(Array(piece))
    }
  }

  @Test(arguments: [1, 2, 3, 7, 64, 65, 1000])
  func anUnarmedRepeaterForwardsTheBytesUnchanged(length: Int) {
    #expect(passed(pieces: length, armedAt: nil) == Self.all)
  }

  @Test(arguments: [1, 2, 3, 7, 64, 65, 1000])
  func theFirstMessageIsRepeatedButNotTheHandshake(length: Int) {
    let expected =
      Self.greeting + Self.ready + Self.first + Self.first + Self.ping + Self.second + Self.first
    #expect(passed(pieces: length, armedAt: 0) == expected)
  }

  @Test func aPartialMessageIsRepeatedWhenItIsComplete() {
    let before = Self.greeting + Self.ready + Self.first + Self.ping
    let expected = before + Self.second + Self.second + Self.first
    for byte in before.count..<before.count + Self.second.count {
      #expect(passed(pieces: 1, armedAt: byte) == expected)
    }
  }

  @Test func aHeartbeatInsideAMessageIsNotRepeated() {
    var repeater = MessageRepeater()
    repeater.isArmed = true
    let (head, tail) = (Self.first.prefix(4), Self.first.dropFirst(4))
    let passed = repeater.pass(Self.greeting + head + Self.ping + tail)
    #expect(passed == Self.greeting + head + Self.ping + tail + Self.first)
    #expect(!repeater.isArmed)
  }
}

/// Plans are reproducible and contain every kind of fault.
@Suite struct FaultPlanTests {
  private func faults(_ seed: UInt64, _ connection: Int) -> FaultPlan.Faults {
    FaultPlan.seeded(seed, connections: 50, bytes: 1000).faults(connection)
  }

  @Test func faultsDependOnTheSeedAndTheConnection() {
    let all = (0..<50 as Range<UInt64>).map { seed in
      (0..<50).map { connection in faults(seed, connection).map { "\($0.byte) \($0.fault)" } }
    }
    let again = (0..<50 as Range<UInt64>).map { seed in
      (0..<50).map { connection in faults(seed, connection).map { "\($0.byte) \($0.fault)" } }
    }
    #expect(all == again)
    #expect(Set(all).count == 50 && Set(all[0]).count == 50)
  }

  @Test func faultsAreOrderedWithinTheBytesAndOfEveryKind() {
    let lists = (0..<50).map { faults(1, $0) }
    for list in lists {
      #expect((1...4).contains(list.count))
      #expect(list.allSatisfy { $0.byte < 1000 })
      #expect(list.map(\.byte) == list.map(\.byte).sorted())
    }
    let kinds = Set(lists.joined().map { String("\($0.fault)".prefix { $0 != "(" }) })
    #expect(kinds == ["cut", "truncate", "delay", "stall", "duplicate"])
    #expect(faults(1, 50).isEmpty)
  }
}
