import Numerics
import Testing

@testable import Learning

@Suite struct ReferenceClassifierTests {
  /// Checks every element of every trainable tensor.
  @Test(arguments: Normalization.allCases, 1...3)
  func gradientsMatchCentralDifferences(normalization: Normalization, layers: Int) {
    let shape = ModelShape(
      timeSteps: 3, features: 2, units: 3, layers: layers, classes: 4,
      normalization: normalization)
    let minibatch = patternMinibatch(rows: 5, shape: shape)
    let slices = [0..<2, 2..<5]
    let weights = patternWeights(shape).map(Double.init)
    let reference = ReferenceClassifier(
      shape, weights: weights, minibatch: minibatch, slices: slices)
    let gradient = reference.gradient
    for entry in shape.layout.entries where entry.trainable {
      let start = reference.start(entry.name)
      var largest = 0.0
      for place in start..<start + entry.shape.reduce(1, *) {
        let losses = [-1e-5, 1e-5].map { shift in
          var moved = weights
          moved[place] += shift
          return ReferenceClassifier(shape, weights: moved, minibatch: minibatch, slices: slices)
            .loss
        }
        let slope = (losses[1] - losses[0]) / 2e-5
        #expect(abs(slope - gradient[place]) < 1e-8, "\(entry.name) at \(place - start)")
        largest = max(largest, abs(slope))
      }
      #expect(largest > 1e-4, "the gradient of \(entry.name) is too small to be checked")
    }
  }
}
