import Numerics
import Testing

@testable import Learning

/// Five samples and a model of 4 time steps, 3 features, 5 units and 3 classes, with weights and
/// pixels from `pattern`. Expected values come from a transcription of TensorFlow's definitions to
/// numpy, in float64: BasicLSTMCell (gates i, j, f, o; forget bias 1), batch_normalization (epsilon
/// 0.001 inside the square root, biased variance) over rows 0..<2 and 2..<5, and softmax cross
/// entropy. Gradients of the mean loss were computed by central differences.
@Suite struct ClassifierFixtureTests {
  struct Fixture: Sendable {
    let normalization: Normalization
    /// The sum of the cross entropies of each of the two slices in training.
    let training: [Double]
    /// The sum of the cross entropies of all rows in evaluation.
    let evaluation: Double
    /// The number of correct predictions, the same in training and evaluation.
    let correct: Int
    /// The probabilities of row 0 in evaluation.
    let probabilities: [Double]
    /// The first element, the last element and the sum of squares of each tensor's gradient.
    let gradients: [String: [Double]]
  }

  static let fixtures = [
    Fixture(
      normalization: .none,
      training: [2.6906848773067056, 3.5215363345536934],
      evaluation: 6.212221211860399, correct: 1,
      probabilities: [0.4229507088641931, 0.4094027157980564, 0.1676465753377506],
      gradients: [
        TensorName.lstmKernel: [0.008163745, 0.003749755, 0.023831689],
        TensorName.lstmBias: [0.007437629, 0.016971732, 0.025467391],
        TensorName.denseKernel: [0.030143250, -0.084073386, 0.025151167],
        TensorName.denseBias: [0.224136944, -0.233021630, 0.104615388],
      ]),
    Fixture(
      normalization: .batch,
      training: [2.5988682667097365, 3.7717014892307374],
      evaluation: 6.133817992531604, correct: 2,
      probabilities: [0.3504725369431891, 0.486692628438759, 0.16283483461805187],
      gradients: [
        TensorName.lstmKernel: [0.000672151, 0.001155424, 0.027046405],
        TensorName.lstmBias: [0.002857852, -0.000943895, 0.001149957],
        TensorName.gamma: [-0.030201031, -0.060499885, 0.025441327],
        TensorName.beta: [0.122466547, -0.114513264, 0.069335973],
        TensorName.denseKernel: [0.011060229, -0.053641231, 0.069263669],
        TensorName.denseBias: [0.161011235, -0.235142758, 0.086712217],
      ]),
    Fixture(
      normalization: .frozen,
      training: [2.4682404293052325, 3.5358909787107353],
      evaluation: 6.004131408015968, correct: 2,
      probabilities: [0.346410759200341, 0.47449213720643146, 0.1790971035932275],
      gradients: [
        TensorName.lstmKernel: [-0.000679258, -0.000421590, 0.001495857],
        TensorName.lstmBias: [-0.000638455, -0.001962559, 0.001454281],
        TensorName.gamma: [0.017761293, -0.036786876, 0.002579108],
        TensorName.beta: [0.116205368, -0.106274751, 0.060890343],
        TensorName.denseKernel: [0.001162168, -0.042466024, 0.015804716],
        TensorName.denseBias: [0.146897727, -0.220755467, 0.075766884],
      ]),
  ]

  static func shape(_ normalization: Normalization) -> ModelShape {
    ModelShape(timeSteps: 4, features: 3, units: 5, classes: 3, normalization: normalization)
  }

  static func train(_ shape: ModelShape) -> [SliceResult] {
    let classifier = Classifier(shape: shape, maximumRows: 5)
    classifier.load(weights: patternWeights(shape))
    return classifier.train(
      minibatch: patternMinibatch(rows: 5, shape: shape), slices: [0..<2, 2..<5], divisor: 5,
      sliceCount: 2)
  }

  @Test(arguments: fixtures)
  func trainingComputesTheLossOfEachSlice(fixture: Fixture) {
    let results = Self.train(Self.shape(fixture.normalization))
    for (result, expected) in zip(results, fixture.training) {
      #expect(abs(result.sums.lossSum / expected - 1) < 1e-6)
    }
    #expect(results.map(\.sums.count) == [2, 3])
    #expect(results.reduce(0) { $0 + $1.sums.correct } == fixture.correct)
  }

  @Test(arguments: fixtures)
  func theSumOverSlicesIsTheGradientOfTheMeanLoss(fixture: Fixture) {
    let shape = Self.shape(fixture.normalization)
    let results = Self.train(shape)
    let sum = zip(results[0].contribution, results[1].contribution).map { $0 + $1 }
    for (name, expected) in fixture.gradients {
      let gradient = sum[shape.layout.range(of: name)].map(Double.init)
      let squares = gradient.reduce(0) { $0 + $1 * $1 }
      #expect(abs(gradient[0] - expected[0]) < 1e-6, "\(name), first")
      #expect(abs(gradient[gradient.count - 1] - expected[1]) < 1e-6, "\(name), last")
      #expect(abs(squares / expected[2] - 1) < 1e-5, "\(name), sum of squares")
    }
    #expect(fixture.gradients.count == shape.layout.entries.filter(\.trainable).count)
  }

  @Test(arguments: fixtures)
  func evaluationComputesLossAndProbabilities(fixture: Fixture) {
    let shape = Self.shape(fixture.normalization)
    let classifier = Classifier(shape: shape, maximumRows: 5)
    classifier.load(weights: patternWeights(shape))
    let minibatch = patternMinibatch(rows: 5, shape: shape)
    let evaluation = classifier.evaluate(minibatch)
    #expect(abs(evaluation.lossSum / fixture.evaluation - 1) < 1e-6)
    #expect(evaluation.correct == fixture.correct)
    #expect(evaluation.count == 5)
    let probabilities = classifier.predict(minibatch)
    #expect(probabilities.count == 15)
    #expect(distance(Array(probabilities[..<3]), fixture.probabilities) < 1e-6)
  }

  /// Expected values: the averages over both slices of the mean and the biased variance of their
  /// rows.
  @Test func theSumOverSlicesIsTheMeanOfTheStatistics() {
    let shape = Self.shape(.batch)
    let results = Self.train(shape)
    let sum = zip(results[0].contribution, results[1].contribution).map { $0 + $1 }
    let mean = [
      0.18022295104547684, -0.15449703088427766, -0.2897214064784553, -0.04702090432909169,
      0.33023098313595567,
    ]
    let variance = [
      0.0026347943971326195, 0.0014607087408974565, 0.0015901883884189719,
      0.004457908800088879, 0.00044236474203157247,
    ]
    #expect(distance(Array(sum[shape.layout.range(of: TensorName.movingMean)]), mean) < 1e-6)
    let ours = Array(sum[shape.layout.range(of: TensorName.movingVariance)])
    #expect(distance(ours, variance) < 1e-5)
  }

  @Test func contributionsOfFrozenStatisticsAreZero() {
    let shape = Self.shape(.frozen)
    for result in Self.train(shape) {
      #expect(result.contribution[shape.layout.trainableCount...].allSatisfy { $0 == 0 })
    }
  }
}
