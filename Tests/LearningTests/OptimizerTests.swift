import Numerics
import Testing

@testable import Learning

/// Expected values were computed from TensorFlow's formulas with numpy in float64, with the betas
/// and epsilon rounded to float32 as in TensorFlow. Weights, m and v are initially 0; gradient t is
/// `pattern(14, salt: t)` times the scales below; the learning rate is 0.5; there are three
/// updates. The scales range from far below epsilon to far above every clip.
@Suite struct OptimizerTests {
  static let shape = ModelShape(
    timeSteps: 1, features: 1, units: 1, classes: 1, normalization: .none)
  static let scales: [Float] =
    [0, 0, 0, -10, -10, -24, -24, -27, -27, -30, -30, 3, 5, 7].map {
      Float(sign: .plus, exponent: $0, significand: 1)
    }

  static let unclipped = [
    1.47372934, 1.13655378, -1.48775893, -0.279953869, 1.43472111, -0.0292214275, -0.129618681,
    0.0170060179, 0.00308462065, -0.00137622914, -0.000236504776, 1.43198618, -1.39667508,
    -1.49954428,
  ]
  static let clippedByValue = [
    1.49938524, 1.13655378, -1.4932124, -0.279953869, 1.43472111, -0.0292214275, -0.129618681,
    0.0170060179, 0.00308462065, -0.00137622914, -0.000236504776, 1.49999855, -1.49999855,
    -1.49999855,
  ]
  static let clippedByNorm = [
    1.43320948, 1.15241407, -1.5018238, -0.414677987, 1.37784736, -0.00281208833, -0.0147397755,
    0.00188831035, 0.000381556245, -0.000140916905, -6.7058126e-05, 1.38622215, -1.42799749,
    -1.49991619,
  ]
  static let norms: [Float] = [41.06662751883713, 52.15481585754925, 63.33953238265046]

  static func gradient(_ step: Int) -> [Float] {
    zip(pattern(14, salt: step), scales).map { $0 * $1 }
  }

  static func fresh() -> Optimizer {
    Optimizer(shape: shape, weights: Array(repeating: 0, count: 14))
  }

  @Test(arguments: [
    (Clip.none, unclipped), (.value(0.25), clippedByValue), (.norm(5), clippedByNorm),
    (.norm(500), unclipped),
  ])
  func weightsMatchTensorFlow(clip: Clip, expected: [Double]) {
    var optimizer = Self.fresh()
    var norms: [Float] = []
    for step in 1...3 {
      norms.append(
        optimizer.apply(contribution: Self.gradient(step), learningRate: 0.5, clip: clip))
    }
    for (ours, theirs) in zip(optimizer.weights, expected) {
      #expect(abs(Double(ours) - theirs) < 3e-6 * abs(theirs))
    }
    #expect(distance(norms, Self.norms) < 1e-6)
    #expect(optimizer.step == 3)
  }

  @Test func momentsMatchTensorFlow() {
    var optimizer = Self.fresh()
    for step in 1...3 {
      _ = optimizer.apply(contribution: Self.gradient(step), learningRate: 0.5, clip: .none)
    }
    let first = [
      -0.0872890808, -0.00895312651, 0.0693828277, -4.27398792e-05, -4.59594821e-05,
      1.86404256e-09, 6.53322928e-09, -6.34580052e-10, -5.09317111e-11, 6.65895787e-11,
      -3.87881401e-11, -0.359562574, 1.06850024, 14.3010031,
    ]
    let second = [
      0.000337313828, 1.9315136e-05, 0.000202151601, 5.44506769e-10, 1.06295145e-10,
      1.79928843e-19, 1.74320132e-18, 1.78820373e-20, 9.80967502e-22, 1.85653653e-22,
      4.89978991e-22, 0.00660670839, 0.057295701, 8.34782828,
    ]
    for (ours, theirs) in zip(optimizer.firstMoment, first) {
      #expect(abs(Double(ours) - theirs) < 2e-6 * abs(theirs))
    }
    for (ours, theirs) in zip(optimizer.secondMoment, second) {
      #expect(abs(Double(ours) - theirs) < 2e-6 * abs(theirs))
    }
  }

  /// The decay rates of the three updates are 0.9, 0.98 and 0.95; then seven more updates with the
  /// last moments are expected.
  @Test func weightsFollowTheGivenDecayRatesAndAreExtrapolated() {
    var optimizer = Self.fresh()
    for (step, beta1) in [(1, 0.9), (2, 0.98), (3, 0.95)] as [(Int, Float)] {
      _ = optimizer.apply(
        contribution: Self.gradient(step), beta1: beta1, learningRate: 0.5, clip: .none)
    }
    let expected = [
      1.14497676, 1.10103939, -1.02388328, -0.759254593, 1.15667002, -0.0133794271, -0.0848990288,
      0.0128741252, 0.00309309622, -0.000851608498, -0.00121563486, 1.15857687, -0.872347518,
      -1.06234917,
    ]
    let later = [
      3.13738612, 2.56978093, -2.68957667, -1.13968097, 3.15490704, -0.064961943, -0.291082582,
      0.0391792621, 0.00728243717, -0.00313000093, -0.00213640754, 3.15677384, -2.18725689,
      -2.83325785,
    ]
    let (weights, moments) = (optimizer.weights, optimizer.firstMoment)
    for (ours, theirs) in zip(weights, expected) {
      #expect(abs(Double(ours) - theirs) < 3e-6 * abs(theirs))
    }
    let predicted = optimizer.weights(after: 7, learningRate: 0.5)
    for (ours, theirs) in zip(predicted, later) {
      #expect(abs(Double(ours) - theirs) < 3e-6 * abs(theirs))
    }
    #expect(optimizer.weights(after: 0, learningRate: 0.5) == weights)
    #expect(optimizer.weights == weights && optimizer.firstMoment == moments)
  }

  @Test func statisticsAreNotExtrapolated() {
    let shape = ModelShape(
      timeSteps: 1, features: 1, units: 1, classes: 2, normalization: .batch)
    var optimizer = Optimizer(shape: shape, weights: patternWeights(shape))
    _ = optimizer.apply(
      contribution: pattern(shape.layout.count, salt: 5), learningRate: 0.1, clip: .none)
    let predicted = optimizer.weights(after: 3, learningRate: 0.1)
    let trainable = shape.layout.trainableCount
    #expect(predicted[trainable...] == optimizer.weights[trainable...])
    #expect(predicted[..<trainable] != optimizer.weights[..<trainable])
  }

  @Test func aRestoredStateContinuesWithTheSameBits() {
    var whole = Self.fresh()
    for step in 1...2 {
      _ = whole.apply(contribution: Self.gradient(step), learningRate: 0.5, clip: .norm(5))
    }
    var restored = Optimizer(
      shape: whole.shape, weights: whole.weights, firstMoment: whole.firstMoment,
      secondMoment: whole.secondMoment, step: whole.step)
    _ = whole.apply(contribution: Self.gradient(3), learningRate: 0.5, clip: .norm(5))
    _ = restored.apply(contribution: Self.gradient(3), learningRate: 0.5, clip: .norm(5))
    #expect(restored.weights == whole.weights)
    #expect(restored.step == 3)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity], [0, 7, 13])
  func aGradientThatIsNotFiniteChangesNothing(value: Float, place: Int) {
    var optimizer = Self.fresh()
    _ = optimizer.apply(contribution: Self.gradient(1), learningRate: 0.5, clip: .none)
    let before = optimizer
    var gradient = Self.gradient(2)
    gradient[place] = value
    let norm = optimizer.apply(contribution: gradient, learningRate: 0.5, clip: .value(1))
    #expect(!norm.isFinite)
    #expect(optimizer.weights == before.weights)
    #expect(optimizer.firstMoment == before.firstMoment)
    #expect(optimizer.secondMoment == before.secondMoment)
    #expect(optimizer.step == 1)
  }

  /// Expected values: sqrt(1 - beta2^t) / (1 - beta1^t) for 0.9 and 0.999 in float32, from numpy;
  /// the limit is 1.
  @Test func theLearningRateIsCorrectedForBias() {
    #expect(abs(Optimizer.correction(step: 1) - 0.31622565496269905) < 1e-12)
    #expect(abs(Optimizer.correction(step: 2) - 0.23531515812492532) < 1e-12)
    #expect(abs(Optimizer.correction(step: 1000) - 0.7951728343744783) < 1e-12)
    #expect(Optimizer.correction(step: 1 << 40) == 1)
  }
}

/// Statistics follow the trainable weights and are averaged with a momentum of 0.99.
@Suite struct MovingAverageTests {
  static func optimizer(_ normalization: Normalization) -> Optimizer {
    let shape = ModelShape(
      timeSteps: 1, features: 1, units: 2, classes: 1, normalization: normalization)
    let trainable = [Float](repeating: 0, count: shape.layout.trainableCount)
    return Optimizer(shape: shape, weights: trainable + [0, 0, 1, 1])
  }

  @Test func movingAveragesAreUpdatedFromTheBatch() {
    var optimizer = Self.optimizer(.batch)
    let trainable = optimizer.shape.layout.trainableCount
    let contribution = [Float](repeating: 0, count: trainable) + [0.5, -2, 0.25, 3]
    for _ in 0..<2 {
      let norm = optimizer.apply(
        contribution: contribution, beta1: 0.95, learningRate: 1, clip: .norm(1))
      #expect(norm == 0, "statistics are not part of the gradient")
    }
    let expected = [0.00995, -0.0398, 0.985075, 1.0398]
    #expect(distance(Array(optimizer.weights[trainable...]), expected) < 1e-6)
    #expect(optimizer.weights[..<trainable].allSatisfy { $0 == 0 })
  }

  @Test func frozenStatisticsDoNotChange() {
    var optimizer = Self.optimizer(.frozen)
    let trainable = optimizer.shape.layout.trainableCount
    let contribution = [Float](repeating: 1, count: trainable + 4)
    _ = optimizer.apply(contribution: contribution, learningRate: 1, clip: .none)
    #expect(optimizer.weights[trainable...] == [0, 0, 1, 1])
    #expect(optimizer.weights[..<trainable].allSatisfy { $0 != 0 })
  }

  @Test func statisticsThatAreNotFiniteChangeNothing() {
    var optimizer = Self.optimizer(.batch)
    let before = optimizer.weights
    let gradient = [Float](repeating: 1, count: optimizer.shape.layout.trainableCount)
    let norm = optimizer.apply(
      contribution: gradient + [0, 0, .nan, 1], learningRate: 1, clip: .none)
    #expect(norm.isNaN)
    #expect(optimizer.weights == before)
    #expect(optimizer.step == 0)
  }
}
