import Numerics

/// Handwritten-looking digits, drawn from strokes: for machines without MNIST, and for tests.
///
/// Every image is a pure function of (seed, set, index), in arithmetic that gives the same bits on
/// every CPU: additions, multiplications, divisions and square roots in single precision.
package struct GeneratedDigits: Sendable {
  /// The two sets, whose images have nothing in common but the way they are drawn.
  package enum Set: UInt64, Sendable { case training, test }

  /// Height and width of an image.
  package static let side = 28
  /// The number of training images unless another is asked for, a fifth of them for validation.
  package static let usualTrainingCount = 25_000
  /// How many training images can be asked for.
  package static let trainingCounts = 100...1_000_000

  private let seed: UInt64
  private let hand: Handwriting

  /// The digits of one `seed`; every process must use the same to have the same data.
  package init(seed: UInt64 = 28) { self.init(seed: seed, hand: .standard) }

  init(seed: UInt64, hand: Handwriting) {
    self.seed = seed
    self.hand = hand
  }

  /// One image, 28 × 28 bytes row by row with 0 black, and its label, 0 to 9.
  package func image(_ set: Set, _ index: Int) -> (pixels: [UInt8], label: UInt8) {
    var random = RandomSource(seed: seed, stream: set.rawValue << 32 | UInt64(index))
    let label = UInt8(random.below(10))
    let style = random.below(UInt32(DigitStrokes.styles[Int(label)].count))
    let strokes = hand.write(DigitStrokes.styles[Int(label)][Int(style)], &random)
    var canvas = Canvas(side: Self.side)
    canvas.draw(strokes, pen: hand.pen(&random))
    return (canvas.bytes(grain: hand.grain, &random), label)
  }

  /// The first `count` images of a set.
  func images(_ set: Set, count: Int) -> LabelledImages {
    var pixels: [UInt8] = []
    var labels: [UInt8] = []
    pixels.reserveCapacity(count * Self.side * Self.side)
    for index in 0..<count {
      let (image, label) = image(set, index)
      pixels.append(contentsOf: image)
      labels.append(label)
    }
    return LabelledImages(pixels: pixels, labels: labels, height: Self.side, width: Self.side)
  }
}
