import TestSupport
import Testing

@testable import Storage

/// A checkpoint in which any bit has changed is rejected.
@Suite struct CheckpointDamageTests {
  /// The tutorial's model: 82,000 weights and two moments of each.
  private static let large = try? Checkpoint.sample(units: 128, side: 28).serialized()

  private func isValid(_ bytes: [UInt8]) -> Bool { (try? Checkpoint(bytes, path: "f")) != nil }

  @Test func anUnchangedLargeCheckpointIsValid() throws {
    let bytes = try #require(Self.large)
    #expect(bytes.count > 900_000)
    #expect(isValid(bytes))
  }

  @Test func everyTruncationIsDetected() throws {
    let bytes = try #require(Self.large)
    var dice = SplitMix64(state: 1)
    let places =
      [0, 1, 7, 8, 9, bytes.count - 1]
      + (0..<100).map { _ in
        Int.random(in: 0..<bytes.count, using: &dice)
      }
    for place in places { #expect(!isValid(Array(bytes[..<place])), "cut at \(place)") }
  }

  @Test func everyFlippedBitIsDetected() throws {
    var bytes = try #require(Self.large)
    var dice = SplitMix64(state: 2)
    for _ in 0..<100 {
      let place = Int.random(in: 0..<bytes.count, using: &dice)
      let bit = UInt8.random(in: 0...7, using: &dice)
      bytes[place] ^= 1 << bit
      #expect(!isValid(bytes), "bit \(bit) of byte \(place)")
      bytes[place] ^= 1 << bit
    }
    #expect(isValid(bytes))
  }

  @Test func everyFlippedBitOfATinyCheckpointIsDetected() throws {
    var bytes = try Checkpoint.sample(units: 1, side: 1).serialized()
    for place in bytes.indices {
      for bit in 0..<8 {
        bytes[place] ^= 1 << bit
        if isValid(bytes) { Issue.record("bit \(bit) of byte \(place)") }
        bytes[place] ^= 1 << bit
      }
    }
    #expect(isValid(bytes))
  }

  @Test func everyOtherLengthOfATinyCheckpointIsDetected() throws {
    let bytes = try Checkpoint.sample(units: 1, side: 1).serialized()
    for length in bytes.indices where isValid(Array(bytes[..<length])) {
      Issue.record("cut at \(length)")
    }
    for tail in [[0], [0x20], Array("}".utf8), bytes] as [[UInt8]] {
      #expect(!isValid(bytes + tail), "\(tail.count) bytes appended")
    }
  }

  /// Blocks that a disk lost contain zeros or older data.
  @Test func zeroedAndMisplacedBlocksAreDetected() throws {
    let bytes = try #require(Self.large)
    var dice = SplitMix64(state: 3)
    let block = 4096
    for _ in 0..<50 {
      let place = Int.random(in: 1..<bytes.count / block, using: &dice) * block
      let range = place..<min(place + block, bytes.count)
      var damaged = bytes
      damaged.replaceSubrange(range, with: repeatElement(0, count: range.count))
      #expect(!isValid(damaged), "zeros at \(place)")
      damaged.replaceSubrange(range, with: bytes[place - block..<place - block + range.count])
      #expect(!isValid(damaged), "the previous block at \(place)")
    }
  }
}
