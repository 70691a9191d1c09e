import Bytes
import Numerics
import Testing

@testable import Storage

@Suite struct GeneratedDigitsTests {
  private static let side = GeneratedDigits.side
  private static let training = GeneratedDigits().images(.training, count: 1_500)
  private static let test = GeneratedDigits().images(.test, count: 500)

  private static func image(_ images: LabelledImages, _ index: Int) -> [Float] {
    images.pixels(index).map(Float.init)
  }

  @Test func arePureFunctionsOfSeedSetAndIndex() {
    let digits = GeneratedDigits()
    for index in [0, 7, 499] {
      let (pixels, label) = digits.image(.test, index)
      #expect(pixels == Array(Self.test.pixels(index)))
      #expect(label == Self.test.label(index))
    }
  }

  @Test func differByIndexSetAndSeed() {
    let images = [
      GeneratedDigits().image(.test, 0), GeneratedDigits().image(.test, 1),
      GeneratedDigits().image(.training, 0), GeneratedDigits(seed: 29).image(.test, 0),
    ]
    #expect(Set(images.map(\.pixels)).count == 4)
  }

  /// The generator guarantees the same bits on every machine and with every compiler.
  @Test func haveTheSameBitsOnEveryMachine() {
    #expect(Self.test.checksums().map { "0x" + $0.hexadecimal } == ["0xbc474c8d", "0x3c303a5a"])
  }

  @Test func haveAllTenDigitsAboutEquallyOften() {
    let counts = (0..<10).map { digit in Self.training.labels.count { $0 == digit } }
    #expect(counts.allSatisfy { 110..<190 ~= $0 }, "\(counts)")
  }

  @Test func haveEveryStyleOfEveryDigit() {
    #expect(DigitStrokes.styles.count == 10)
    for style in DigitStrokes.styles.joined() {
      #expect(!style.isEmpty)
      #expect(style.allSatisfy { $0.count > 1 })
      #expect(style.joined().allSatisfy { 0...1 ~= $0.x && 0...1 ~= $0.y })
    }
  }

  @Test func areAboutAsDarkAsMNIST() {
    // MNIST's mean is 0.13 of full ink.
    let sum = Self.training.pixelBytes.reduce(0) { $0 + Int($1) }
    let mean = Double(sum) / Double(Self.training.pixelBytes.count) / 255
    #expect(0.07..<0.16 ~= mean, "\(mean)")
  }

  @Test func haveInkButNoneInTheCorners() {
    for index in 0..<Self.test.count {
      let image = Self.test.pixels(index)
      #expect(image.count { $0 > 100 } >= 10)
      let corners = [0, 27, 27 * 28, 27 * 28 + 27]
      #expect(corners.allSatisfy { image[image.startIndex + $0] == 0 })
    }
  }

  /// The digits are recognisable and varied: the nearest class mean is right for most but not all.
  @Test func areMostlyClassifiedByTheNearestClassMean() {
    let means = (0..<10).map { digit in
      mean(of: (0..<Self.training.count).filter { Self.training.label($0) == digit })
    }
    let right = (0..<Self.test.count).count { index in
      let image = Self.image(Self.test, index)
      let nearest = means.indices.min { distance(means[$0], image) < distance(means[$1], image) }
      return nearest == Int(Self.test.label(index))
    }
    #expect(300..<450 ~= right, "\(right) of 500")
  }

  private func mean(of indices: [Int]) -> [Float] {
    var sum = [Float](repeating: 0, count: Self.side * Self.side)
    for index in indices {
      for (place, byte) in Self.training.pixels(index).enumerated() { sum[place] += Float(byte) }
    }
    return sum.map { $0 / Float(indices.count) }
  }

  private func distance(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }
}
