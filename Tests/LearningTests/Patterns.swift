import Numerics

@testable import Learning

/// Divides rows into slices whose sizes differ by at most one, as a ``BatchPlan`` does.
func evenSlices(_ count: Int, rows: Int) -> [Range<Int>] {
  (0..<count).map { rows * $0 / count..<rows * ($0 + 1) / count }
}

/// Returns irregular numbers in -0.5...0.5 that are exact in float32 and easily reproduced in other
/// languages: ((37 i + 11 salt) mod 129 - 64) / 128.
func pattern(_ count: Int, salt: Int = 0) -> [Float] {
  (0..<count).map { Float((37 * $0 + 11 * salt) % 129 - 64) / 128 }
}

/// Returns a minibatch of pattern pixels in 0...1 with labels (5 i + 2) mod classes.
func patternMinibatch(rows: Int, shape: ModelShape, salt: Int = 1) -> Minibatch {
  Minibatch(
    pixels: pattern(rows * shape.sampleLength, salt: salt).map { $0 + 0.5 },
    labels: (0..<rows).map { UInt8((5 * $0 + 2) % shape.classes) })
}

/// Returns pattern weights; moving variances are shifted to 0.5...1.5.
func patternWeights(_ shape: ModelShape) -> [Float] {
  var weights: [Float] = []
  for (index, entry) in shape.layout.entries.enumerated() {
    let shift: Float = entry.name == TensorName.movingVariance ? 1 : 0
    weights += pattern(entry.shape.reduce(1, *), salt: index + 3).map { $0 + shift }
  }
  return weights
}
