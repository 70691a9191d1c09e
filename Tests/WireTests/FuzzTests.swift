import TestSupport
import Testing
import Wire

/// Tests that decoding arbitrary bytes returns a message or throws a typed error.
@Suite struct FuzzTests {
  private static let tight = WireLimits(
    maximumFrames: 2, maximumFrameBytes: 300, maximumTextBytes: 20, maximumListCount: 4,
    maximumTensorElements: 16)

  /// Decodes frames; a decoded message must have the same encoding when it is encoded again.
  private func expectNoTrap(_ frames: [[UInt8]]) {
    for limits in [WireLimits(), Self.tight] {
      guard let message = try? Message(frames: frames, limits: limits) else { continue }
      let again = try? Message(frames: message.encoded(), limits: WireLimits())
      // Compare encodings, since a loss that is NaN is not equal to itself.
      #expect(again?.encoded() == message.encoded())
    }
  }

  private func mutated(_ frame: [UInt8], by random: inout SplitMix64) -> [UInt8] {
    var frame = frame
    for _ in 0...Int.random(in: 0..<3, using: &random) where !frame.isEmpty {
      let index = Int.random(in: frame.indices, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: frame[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: frame[index] = .random(in: 0...255, using: &random)
      case 2: frame[index] = [0, 1, 127, 128, 255].randomElement(using: &random) ?? 0
      case 3: frame.removeSubrange(index...)
      case 4: frame.insert(.random(in: 0...255, using: &random), at: index)
      default: frame.remove(at: index)
      }
    }
    return frame
  }

  @Test(arguments: Sample.allCases)
  func mutatedMessagesWithValidChecksumsDoNotTrap(sample: Sample) {
    var random = SplitMix64(state: UInt64(sample.stableIndex))
    let original = sample.message.encoded()
    for _ in 0..<1500 {
      var frames = original
      let index = Int.random(in: frames.indices, using: &random)
      frames[index] = mutated(frames[index], by: &random)
      if frames[index].count >= 8 { frames[index] = sealed(frames[index]) }
      if Int.random(in: 0..<20, using: &random) == 0 { frames.shuffle(using: &random) }
      if Int.random(in: 0..<20, using: &random) == 0 { frames.append(frames[0]) }
      expectNoTrap(frames)
    }
  }

  @Test func mutatedTensorsWithValidChecksumsDoNotTrap() {
    var random = SplitMix64(state: 7)
    let original = EncodedTensor(float32: [1, 2, 3, 4], shape: [2, 2]).bytes
    for _ in 0..<4000 {
      var frame = mutated(original, by: &random)
      if frame.count >= 8 { frame = sealed(frame) }
      for limits in [WireLimits(), WireLimits(maximumTensorElements: .max)] {
        guard let tensor = try? EncodedTensor(validating: frame, limits: limits) else { continue }
        #expect(tensor.shape.reduce(1, *) == tensor.count)
        _ = try? tensor.floats()
      }
    }
  }

  @Test func randomBytesDoNotTrap() {
    var random = SplitMix64(state: 11)
    for round in 0..<4000 {
      let frames = (0..<Int.random(in: 1...3, using: &random)).map { _ in
        (0..<Int.random(in: 0...80, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
      }
      expectNoTrap(frames)
      // Use the same bytes as the body of a message with a valid header.
      let kind = UInt8(round % 13)
      let header = Array("TRIB".utf8) + [0, 0, 0, 0, 2, 0, kind, 0, 0, 0, 0, 0]
      expectNoTrap([sealed(header + frames[0])])
    }
  }
}

extension Sample {
  /// An index that is the same in every run.
  fileprivate var stableIndex: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
