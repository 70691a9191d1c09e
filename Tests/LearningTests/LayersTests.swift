import Numerics
import Testing

@testable import Learning

/// Tests of an LSTM with several layers.
@Suite struct LayersTests {
  static func shape(_ layers: Int, _ normalization: Normalization = .none) -> ModelShape {
    ModelShape(
      timeSteps: 5, features: 3, units: 9, layers: layers, classes: 4,
      normalization: normalization)
  }

  static func classifier(
    _ shape: ModelShape, rows: Int, kernels: Kernels = Kernels(),
    precision: Precision = .float32, onTimeStep: @escaping () -> Void = {}
  ) -> Classifier {
    let classifier = Classifier(
      shape: shape, maximumRows: rows, kernels: kernels, precision: precision,
      onTimeStep: onTimeStep)
    classifier.load(weights: patternWeights(shape))
    return classifier
  }

  static func train(_ classifier: Classifier, _ minibatch: Minibatch) -> [SliceResult] {
    classifier.train(
      minibatch: minibatch, slices: slices(minibatch.rows), divisor: minibatch.rows, sliceCount: 3)
  }

  static func slices(_ rows: Int) -> [Range<Int>] { evenSlices(3, rows: rows) }

  /// The tolerance is relative to each tensor, because gradients may be smaller in lower layers.
  /// With batch normalization, the gradients of rows cancel if their outputs are similar, as after
  /// eight layers.
  @Test(arguments: [
    (2, Normalization.none), (2, .batch), (2, .frozen), (3, .none), (3, .batch), (3, .frozen),
    (8, .none), (8, .frozen),
  ])
  func theGradientOfEveryTensorMatchesTheReference(layers: Int, normalization: Normalization) {
    let shape = Self.shape(layers, normalization)
    let minibatch = patternMinibatch(rows: 13, shape: shape)
    let expected = ReferenceClassifier(
      shape, weights: patternWeights(shape), minibatch: minibatch, slices: Self.slices(13)
    ).gradient
    let ours = Self.train(Self.classifier(shape, rows: 13), minibatch).map(\.contribution)
    for entry in shape.layout.entries where entry.trainable {
      let range = shape.layout.range(of: entry.name)
      let sum = range.map { place in ours.reduce(0) { $0 + $1[place] } }
      #expect(distance(sum, Array(expected[range])) < 1e-4, "\(entry.name)")
    }
  }

  @Test(arguments: [2, 3], Precision.allCases)
  func aSliceComputedAloneHasTheSameBits(layers: Int, precision: Precision) {
    let shape = Self.shape(layers)
    let minibatch = patternMinibatch(rows: 13, shape: shape)
    let together = Self.train(
      Self.classifier(shape, rows: 20, precision: precision), minibatch)
    let other = Self.classifier(shape, rows: 13, precision: precision)
    for (slice, expected) in zip(Self.slices(13), together).reversed() {
      let length = shape.sampleLength
      let alone = Minibatch(
        pixels: Array(
          minibatch.pixels[slice.lowerBound * length..<slice.upperBound * length]),
        labels: Array(minibatch.labels[slice]))
      let result = other.train(
        minibatch: alone, slices: [0..<slice.count], divisor: 13, sliceCount: 3)
      #expect(result == [expected])
    }
  }

  @Test(arguments: [2, 3], Precision.allCases)
  func everyKernelVariantGivesTheSameBits(layers: Int, precision: Precision) {
    let shape = Self.shape(layers)
    let minibatch = patternMinibatch(rows: 13, shape: shape)
    let results = KernelVariant.supported.map { variant in
      Self.train(
        Self.classifier(shape, rows: 13, kernels: Kernels(variant), precision: precision),
        minibatch)
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test func bfloat16GradientsAreCloseToFloat32() {
    let shape = Self.shape(3)
    let minibatch = patternMinibatch(rows: 13, shape: shape)
    let (exact, rounded) = (
      Self.train(Self.classifier(shape, rows: 13), minibatch),
      Self.train(Self.classifier(shape, rows: 13, precision: .bfloat16), minibatch)
    )
    let change = distance(rounded[0].contribution, exact[0].contribution)
    #expect(change > 0 && change < 0.02)
  }

  /// Evaluation keeps two time steps of each layer, training all of them.
  @Test(arguments: [2, 3], [1, 4, 10, 11])
  func evaluationHasTheSameBitsAsTrainingForAnyMaximumRows(layers: Int, rows: Int) {
    let shape = Self.shape(layers)
    let minibatch = patternMinibatch(rows: 11, shape: shape)
    let trained = Self.classifier(shape, rows: 11)
    let results = Self.train(trained, minibatch)
    let evaluated = Self.classifier(shape, rows: rows)
    #expect(evaluated.predict(minibatch) == trained.predict(minibatch))
    let loss = results.reduce(0) { $0 + $1.sums.lossSum }
    #expect(abs(evaluated.evaluate(minibatch).lossSum / loss - 1) < 1e-12)
    let last = evaluated.lstm.forward(minibatch.pixels, rows: 0..<1, training: true).array
    #expect(last == evaluated.lstm.forward(minibatch.pixels, rows: 0..<1, training: false).array)
  }

  @Test func aPassDoesNotAffectTheNext() {
    let shape = Self.shape(3)
    let (large, small) = (
      patternMinibatch(rows: 9, shape: shape), patternMinibatch(rows: 5, shape: shape, salt: 2)
    )
    let used = Self.classifier(shape, rows: 9)
    _ = Self.train(used, large)
    _ = used.evaluate(large)
    #expect(Self.train(used, small) == Self.train(Self.classifier(shape, rows: 5), small))
  }

  @Test func progressIsReportedForEveryTimeStepOfEveryLayer() {
    var reports = 0
    let classifier = Self.classifier(Self.shape(3), rows: 2) { reports += 1 }
    let minibatch = patternMinibatch(rows: 2, shape: classifier.shape)
    _ = classifier.evaluate(minibatch)
    #expect(reports == 5 * 3)
    _ = classifier.train(minibatch: minibatch, slices: [0..<2], divisor: 2, sliceCount: 1)
    #expect(reports == 3 * 5 * 3)
  }

  @Test(arguments: [Recipe.v1, .v3])
  func additionalLayersDoNotChangeTheOtherInitialWeights(recipe: Recipe) throws {
    var deep = recipe
    deep.layers = 3
    let shapes = [recipe, deep].map { ModelShape(recipe: $0, height: 28, width: 28, classes: 10) }
    let weights = recipe.initialWeights(shape: shapes[0], seed: 10)
    let deeper = deep.initialWeights(shape: shapes[1], seed: 10)
    for entry in shapes[0].layout.entries {
      let range = shapes[1].layout.range(of: entry.name)
      let expected = weights[shapes[0].layout.range(of: entry.name)]
      #expect(deeper[range].elementsEqual(expected), "\(entry.name)")
    }
    let kernels = (2...3).map {
      Array(deeper[shapes[1].layout.range(of: TensorName.lstmKernel(layer: $0))])
    }
    #expect(kernels[0] != kernels[1])
    // Glorot: 6 / (256 + 512) / 3; variance scaling: 1 / 256.
    let variance = recipe == .v1 ? 1.0 / 384 : 1.0 / 256
    for kernel in kernels {
      let squares = kernel.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(squares / Double(kernel.count) / variance - 1) < 0.02)
    }
    #expect(deeper[shapes[1].layout.range(of: "lstm_3/bias")].allSatisfy { $0 == 0 })
  }
}
