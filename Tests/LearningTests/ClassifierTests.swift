import Numerics
import Testing

@testable import Learning

@Suite struct ClassifierTests {
  struct Sizes: Sendable {
    let timeSteps, features, units, classes, rows: Int
    var layers = 1
  }

  static let sizes = [
    Sizes(timeSteps: 1, features: 1, units: 1, classes: 2, rows: 2),
    Sizes(timeSteps: 5, features: 3, units: 7, classes: 3, rows: 9),
    Sizes(timeSteps: 2, features: 9, units: 17, classes: 11, rows: 13),
    Sizes(timeSteps: 9, features: 1, units: 33, classes: 5, rows: 6),
    Sizes(timeSteps: 4, features: 5, units: 7, classes: 3, rows: 13, layers: 2),
    Sizes(timeSteps: 3, features: 2, units: 17, classes: 4, rows: 6, layers: 3),
    Sizes(timeSteps: 1, features: 2, units: 3, classes: 2, rows: 2, layers: 3),
  ]

  static func shape(_ sizes: Sizes, _ normalization: Normalization) -> ModelShape {
    ModelShape(
      timeSteps: sizes.timeSteps, features: sizes.features, units: sizes.units,
      layers: sizes.layers, classes: sizes.classes, normalization: normalization)
  }

  static func classifier(
    _ shape: ModelShape, rows: Int, kernels: Kernels = Kernels()
  ) -> Classifier {
    let classifier = Classifier(shape: shape, maximumRows: rows, kernels: kernels)
    classifier.load(weights: patternWeights(shape))
    return classifier
  }

  static func sum(_ results: [SliceResult]) -> [Float] {
    results.dropFirst().reduce(results[0].contribution) { zip($0, $1.contribution).map(+) }
  }

  /// Compares every element of every trainable tensor.
  @Test(arguments: sizes, Normalization.allCases)
  func gradientsMatchTheReference(sizes: Sizes, normalization: Normalization) {
    let shape = Self.shape(sizes, normalization)
    let minibatch = patternMinibatch(rows: sizes.rows, shape: shape)
    let slices = evenSlices(2, rows: sizes.rows)
    let reference = ReferenceClassifier(
      shape, weights: patternWeights(shape), minibatch: minibatch, slices: slices)
    let results = Self.classifier(shape, rows: sizes.rows).train(
      minibatch: minibatch, slices: slices, divisor: sizes.rows, sliceCount: 2)
    let gradient = Self.sum(results)
    let expected = reference.gradient
    let largest = expected.map(abs).max() ?? 0
    for entry in shape.layout.entries where entry.trainable {
      let start = reference.start(entry.name)
      for place in start..<start + entry.shape.reduce(1, *) {
        #expect(
          abs(Double(gradient[place]) - expected[place]) <= 1e-5 * largest + 1e-7,
          "\(entry.name) at \(place - start)")
      }
    }
    let loss = results.reduce(0) { $0 + $1.sums.lossSum } / Double(sizes.rows)
    #expect(abs(loss / reference.loss - 1) < 1e-6)
  }

  /// Without batch statistics, the division into slices affects only rounding.
  @Test(arguments: [Normalization.none, .frozen], [2, 3, 8, 9])
  func theSumOverSlicesIsTheGradientOfTheBatch(normalization: Normalization, count: Int) {
    let shape = Self.shape(Self.sizes[1], normalization)
    let classifier = Self.classifier(shape, rows: 9)
    let minibatch = patternMinibatch(rows: 9, shape: shape)
    let whole = classifier.train(minibatch: minibatch, slices: [0..<9], divisor: 9, sliceCount: 1)
    let cut = classifier.train(
      minibatch: minibatch, slices: evenSlices(count, rows: 9), divisor: 9, sliceCount: count)
    #expect(cut.count == count)
    #expect(distance(Self.sum(cut), whole[0].contribution) < 2e-6)
    #expect(cut.reduce(0) { $0 + $1.sums.correct } == whole[0].sums.correct)
    let loss = cut.reduce(0) { $0 + $1.sums.lossSum }
    #expect(abs(loss / whole[0].sums.lossSum - 1) < 1e-12)
  }

  /// The contribution of a slice does not depend on the slices that are computed with it, nor on
  /// previous contents of the workspace.
  @Test(arguments: Normalization.allCases)
  func aSliceComputedAloneHasTheSameBits(normalization: Normalization) {
    let shape = Self.shape(Self.sizes[2], normalization)
    let minibatch = patternMinibatch(rows: 13, shape: shape)
    let slices = evenSlices(3, rows: 13)
    let together = Self.classifier(shape, rows: 20).train(
      minibatch: minibatch, slices: slices, divisor: 13, sliceCount: 3)
    let other = Self.classifier(shape, rows: 13)
    for (slice, expected) in zip(slices, together).reversed() {
      let pixels = minibatch.pixels[
        slice.lowerBound * shape.sampleLength..<slice.upperBound * shape.sampleLength]
      let alone = Minibatch(pixels: Array(pixels), labels: Array(minibatch.labels[slice]))
      let result = other.train(
        minibatch: alone, slices: [0..<slice.count], divisor: 13, sliceCount: 3)
      #expect(result == [expected])
    }
  }

  /// Rounding operands changes a gradient slightly, and equally in every kernel variant.
  @Test func bfloat16GradientsAreCloseToFloat32() {
    let shape = Self.shape(Self.sizes[2], .none)
    let minibatch = patternMinibatch(rows: 13, shape: shape)
    func gradient(_ kernels: Kernels, _ precision: Precision) -> [Float] {
      let classifier = Classifier(
        shape: shape, maximumRows: 13, kernels: kernels, precision: precision)
      classifier.load(weights: patternWeights(shape))
      return classifier.train(
        minibatch: minibatch, slices: evenSlices(3, rows: 13), runs: [0..<3], divisor: 13,
        sliceCount: 3
      ).contributions[0]
    }
    let exact = gradient(Kernels(), .float32)
    let rounded = KernelVariant.supported.map { gradient(Kernels($0), .bfloat16) }
    #expect(rounded.allSatisfy { $0 == rounded[0] })
    let change = distance(rounded[0], exact)
    #expect(change > 0 && change < 0.02)
  }

  @Test(arguments: Normalization.allCases)
  func aRunOfSlicesContributesTheirTreeSum(normalization: Normalization) {
    func treeSum(_ parts: ArraySlice<[Float]>) -> [Float] {
      guard parts.count > 1 else { return parts[parts.startIndex] }
      let middle = parts.startIndex + (parts.count + 1) / 2
      return zip(treeSum(parts[..<middle]), treeSum(parts[middle...])).map(+)
    }
    let shape = Self.shape(Self.sizes[2], normalization)
    let minibatch = patternMinibatch(rows: 13, shape: shape)
    let slices = evenSlices(6, rows: 13)
    let classifier = Self.classifier(shape, rows: 13)
    let single = classifier.train(
      minibatch: minibatch, slices: slices, divisor: 13, sliceCount: 6)
    let runs = [0..<1, 1..<4, 4..<6]
    let result = classifier.train(
      minibatch: minibatch, slices: slices, runs: runs, divisor: 13, sliceCount: 6)
    #expect(result.sums == single.map(\.sums))
    #expect(result.contributions == runs.map { treeSum(single[$0].map(\.contribution)[...]) })
  }

  @Test(arguments: Normalization.allCases)
  func everyKernelVariantGivesTheSameBits(normalization: Normalization) {
    let shape = Self.shape(Self.sizes[3], normalization)
    let minibatch = patternMinibatch(rows: 6, shape: shape)
    let results = KernelVariant.supported.map { variant in
      Self.classifier(shape, rows: 6, kernels: Kernels(variant)).train(
        minibatch: minibatch, slices: [0..<4, 4..<6], divisor: 6, sliceCount: 2)
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test(arguments: Normalization.allCases, [1, 2, 4, 10, 11])
  func evaluationDoesNotDependOnMaximumRows(normalization: Normalization, rows: Int) {
    let shape = Self.shape(Self.sizes[1], normalization)
    let minibatch = patternMinibatch(rows: 11, shape: shape)
    let whole = Self.classifier(shape, rows: 64)
    let chunked = Self.classifier(shape, rows: rows)
    #expect(chunked.evaluate(minibatch) == whole.evaluate(minibatch))
    #expect(chunked.predict(minibatch) == whole.predict(minibatch))
  }

  @Test func trainingAndEvaluationMayAlternate() {
    let shape = Self.shape(Self.sizes[1], .batch)
    let classifier = Self.classifier(shape, rows: 9)
    let minibatch = patternMinibatch(rows: 9, shape: shape)
    let before = classifier.evaluate(minibatch)
    let first = classifier.train(
      minibatch: minibatch, slices: [0..<9], divisor: 9, sliceCount: 1)
    #expect(classifier.evaluate(minibatch) == before)
    let second = classifier.train(
      minibatch: minibatch, slices: [0..<9], divisor: 9, sliceCount: 1)
    #expect(first == second)
  }

  @Test func anEmptyMinibatchHasZeroSums() {
    let shape = Self.shape(Self.sizes[0], .none)
    let classifier = Self.classifier(shape, rows: 2)
    let empty = Minibatch(pixels: [], labels: [])
    #expect(classifier.evaluate(empty) == SampleSums())
    #expect(classifier.predict(empty).isEmpty)
  }

  @Test func probabilitiesOfARowSumToOne() {
    let shape = Self.shape(Self.sizes[2], .none)
    let minibatch = patternMinibatch(rows: 4, shape: shape)
    let probabilities = Self.classifier(shape, rows: 3).predict(minibatch)
    for row in 0..<4 {
      let total = probabilities[row * 11..<(row + 1) * 11].reduce(0, +)
      #expect(abs(total - 1) < 1e-6)
    }
  }

  /// Runs 40 updates on one batch.
  @Test(arguments: [Recipe.v1, .v2, .v3, .v3AsRun])
  func updatesReduceTheLoss(recipe: Recipe) {
    var recipe = recipe
    recipe.units = 16
    let shape = ModelShape(recipe: recipe, height: 6, width: 5, classes: 4)
    let minibatch = patternMinibatch(rows: 12, shape: shape)
    let slices = evenSlices(2, rows: 12)
    let classifier = Classifier(shape: shape, maximumRows: 12)
    var optimizer = Optimizer(
      shape: shape, weights: recipe.initialWeights(shape: shape, seed: 10))
    var losses: [Double] = []
    for _ in 0..<40 {
      classifier.load(weights: optimizer.weights)
      let results = classifier.train(
        minibatch: minibatch, slices: slices, divisor: 12, sliceCount: 2)
      losses.append(results.reduce(0) { $0 + $1.sums.lossSum } / 12)
      _ = optimizer.apply(
        contribution: Self.sum(results), learningRate: 0.02, clip: recipe.clip)
    }
    #expect(losses[39] < losses[0] / 2)
  }
}
