import Numerics

/// Digits that look handwritten, drawn from strokes: for machines without MNIST, and for tests.
///
/// Every image is a pure function of (seed, set, index). It is computed by additions,
/// multiplications, divisions and square roots in single precision, which give the same bits on
/// every CPU.
package struct GeneratedDigits: Sendable {
  /// One of the two sets, which have no image in common.
  package enum Set: UInt64, Sendable { case training, test }

  /// Height and width of an image, in pixels.
  package static let side = 28
  /// The default number of training images; a fifth of them is the validation set.
  package static let usualTrainingCount = 25_000
  /// The allowed numbers of training images.
  package static let trainingCounts = 100...1_000_000

  private let seed: UInt64
  private let hand: Handwriting

  /// Creates the digits of `seed`; processes of one run must use the same seed.
  package init(seed: UInt64 = 28) { self.init(seed: seed, hand: .standard) }

  init(seed: UInt64, hand: Handwriting) {
    self.seed = seed
    self.hand = hand
  }

  /// Returns one image, 28 × 28 bytes row by row with 0 black, and its label, 0 to 9.
  package func image(_ set: Set, _ index: Int) -> (pixels: [UInt8], label: UInt8) {
    var random = RandomSource(seed: seed, stream: set.rawValue << 32 | UInt64(index))
    let label = UInt8(random.below(10))
    let style = random.below(UInt32(DigitStrokes.styles[Int(label)].count))
    let strokes = hand.write(DigitStrokes.styles[Int(label)][Int(style)], &random)
    var canvas = Canvas(side: Self.side)
    canvas.draw(strokes, pen: hand.pen(&random))
    return (canvas.bytes(grain: hand.grain, &random), label)
  }

  /// Returns the first `count` images of a set.
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
