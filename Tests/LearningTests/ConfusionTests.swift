import Learning
import Numerics
import Testing

/// Tests of confusion matrices computed by a classifier.
@Suite struct ConfusionTests {
  static let shape = ModelShape(
    timeSteps: 5, features: 3, units: 7, classes: 3, normalization: .none)

  private func classifier(rows: Int) -> Classifier {
    let classifier = Classifier(shape: Self.shape, maximumRows: rows)
    classifier.load(weights: patternWeights(Self.shape))
    return classifier
  }

  @Test func theConfusionMatrixDoesNotChangeTheSums() {
    let minibatch = patternMinibatch(rows: 40, shape: Self.shape)
    var confusion = ConfusionMatrix(classes: 3)
    let counted = classifier(rows: 40).evaluate(minibatch, confusion: &confusion)
    #expect(counted == classifier(rows: 40).evaluate(minibatch))
    #expect(confusion.total == 40)
    #expect(confusion.correct == counted.correct)
  }

  @Test(arguments: [1, 7, 39])
  func countsDoNotDependOnMaximumRows(rows: Int) {
    let minibatch = patternMinibatch(rows: 40, shape: Self.shape)
    var (whole, parts) = (ConfusionMatrix(classes: 3), ConfusionMatrix(classes: 3))
    _ = classifier(rows: 40).evaluate(minibatch, confusion: &whole)
    _ = classifier(rows: rows).evaluate(minibatch, confusion: &parts)
    #expect(whole == parts)
  }

  @Test func eachSampleIsCountedUnderItsMostProbableClass() {
    let minibatch = patternMinibatch(rows: 40, shape: Self.shape)
    var (found, expected) = (ConfusionMatrix(classes: 3), ConfusionMatrix(classes: 3))
    let classifier = classifier(rows: 40)
    _ = classifier.evaluate(minibatch, confusion: &found)
    let probabilities = classifier.predict(minibatch)
    for (row, label) in minibatch.labels.enumerated() {
      let values = Array(probabilities[row * 3..<row * 3 + 3])
      let best = values.indices.max { values[$0] < values[$1] } ?? 0
      expected.add(label: Int(label), prediction: best)
    }
    #expect(found == expected)
  }

  /// With equal logits, the first class is the prediction in both the matrix and the sums.
  @Test func theFirstOfEqualLogitsIsThePrediction() {
    let classifier = Classifier(shape: Self.shape, maximumRows: 9)
    classifier.load(weights: Array(repeating: 0, count: Self.shape.layout.count))
    var confusion = ConfusionMatrix(classes: 3)
    let minibatch = patternMinibatch(rows: 9, shape: Self.shape)
    let sums = classifier.evaluate(minibatch, confusion: &confusion)
    #expect(confusion.predictions(of: 0) == 9)
    #expect(confusion.correct == sums.correct)
  }

  @Test func logitsThatAreNotNumbersGiveNoPrediction() {
    let classifier = Classifier(shape: Self.shape, maximumRows: 9)
    classifier.load(weights: Array(repeating: .nan, count: Self.shape.layout.count))
    var confusion = ConfusionMatrix(classes: 3)
    let minibatch = patternMinibatch(rows: 9, shape: Self.shape)
    let sums = classifier.evaluate(minibatch, confusion: &confusion)
    #expect(sums.correct == 0 && sums.count == 9 && sums.lossSum.isNaN)
    #expect(confusion.unclassified == 9 && confusion.predictions(of: 0) == 0)
  }
}
