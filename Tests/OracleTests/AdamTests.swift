import Learning
import Numerics
import Storage
import Testing

/// Compares updates for a hundred gradients of magnitudes from 1e-11 to 1e2 with TensorFlow's
/// AdamOptimizer.
@Suite struct AdamTests {
  private static let shape = ModelShape(
    timeSteps: 1, features: 1, units: 1, classes: 1, normalization: .none)

  @Test(arguments: [
    ("none", Clip.none), ("value", .value(0.001)), ("norm", .norm(1)), ("wide", .norm(10_000)),
  ])
  func weightsOfEveryMagnitudeMatchTensorFlow(name: String, clip: Clip) throws {
    let file = try OracleFolder.small.file("adam")
    let gradients = try #require(file["gradients"])
    let count = gradients.shape[1]
    var optimizer = Optimizer(shape: Self.shape, weights: Array(repeating: 0, count: count))
    for step in 0..<gradients.shape[0] {
      let gradient = Array(gradients.values[step * count..<(step + 1) * count])
      _ = optimizer.apply(contribution: gradient, learningRate: 0.001, clip: clip)
      guard let expected = file["\(name)/after\(step + 1)"] else { continue }
      for (place, (ours, theirs)) in zip(optimizer.weights, expected.values).enumerated() {
        #expect(
          abs(ours / theirs - 1) < 2e-5, "magnitude 1e\(place - 11), \(step + 1) steps")
      }
    }
    #expect(optimizer.step == 100)
  }
}
