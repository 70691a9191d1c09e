import Learning
import Testing

@Suite struct ConfusionMatrixTests {
  static let labels = [
    3, 0, 0, 0, 0, 4, 3, 2, 0, 0, 0, 0, 2, 0, 0, 0, 2, 2, 0, 0, 0, 0, 3, 2, 0, 0, 2, 2, 0, 2, 3, 3,
    3, 0, 0, 2, 2, 2, 3, 0,
  ]
  static let predictions = [
    2, 0, 0, 0, 0, 1, 2, 1, 0, 2, 1, 1, 2, 2, 1, 0, 2, 2, 2, 0, 2, 1, 2, 2, 1, 2, 1, 2, 2, 2, 2, 2,
    2, 1, 0, 2, 2, 2, 2, 1,
  ]

  static let matrix: ConfusionMatrix = {
    var matrix = ConfusionMatrix(classes: 5)
    for (label, prediction) in zip(labels, predictions) {
      matrix.add(label: label, prediction: prediction)
    }
    return matrix
  }()

  /// scikit-learn 1.9: confusion_matrix(labels, predictions, labels=range(5)).
  @Test func countsMatchScikitLearn() {
    let expected = [
      [8, 7, 6, 0, 0], [0, 0, 0, 0, 0], [0, 2, 9, 0, 0], [0, 0, 7, 0, 0], [0, 1, 0, 0, 0],
    ]
    #expect(Self.matrix.rows == expected)
    #expect(Self.matrix[label: 0, prediction: 1] == 7)
    #expect((0..<5).map(Self.matrix.samples) == [21, 0, 11, 7, 1])
    #expect((0..<5).map(Self.matrix.predictions) == [8, 10, 22, 0, 0])
  }

  /// scikit-learn 1.9: precision_recall_fscore_support(..., zero_division=nan). Class 1 has no
  /// samples; classes 3 and 4 were never predicted.
  @Test func precisionAndRecallMatchScikitLearn() {
    #expect((0..<5).map(Self.matrix.precision) == [1, 0, 0.4090909090909091, nil, nil])
    #expect(
      (0..<5).map(Self.matrix.recall) == [0.38095238095238093, nil, 0.8181818181818182, 0, 0])
  }

  /// scikit-learn 1.9: accuracy_score(labels, predictions) = 0.425.
  @Test func correctSamplesAreOnTheDiagonal() {
    #expect(Self.matrix.total == 40)
    #expect(Self.matrix.correct == 17)
  }

  @Test func anEmptyMatrixHasNoPrecisionOrRecall() {
    let empty = ConfusionMatrix(classes: 2)
    #expect(empty.total == 0 && empty.correct == 0)
    #expect(empty.rows == [[0, 0], [0, 0]])
    #expect(empty.precision(of: 0) == nil && empty.recall(of: 1) == nil)
  }

  @Test func aSampleWithoutAPredictionIsWrongAndInNoColumn() {
    var matrix = ConfusionMatrix(classes: 2)
    matrix.add(label: 0, prediction: nil)
    matrix.add(label: 0, prediction: 0)
    #expect(matrix.rows == [[1, 0], [0, 0]] && matrix.unclassified == 1)
    #expect(matrix.total == 2 && matrix.correct == 1 && matrix.samples(of: 0) == 2)
    #expect(matrix.precision(of: 0) == 1 && matrix.recall(of: 0) == 0.5)
  }
}

@Suite struct WilsonIntervalTests {
  /// scipy 1.17: binomtest(k, n).proportion_ci(0.95, "wilson").
  @Test(arguments: [
    (9667, 10000, 0.9630003546425583, 0.9700412212782521),
    (4950, 5000, 0.9868414249077906, 0.9924062271860534),
    (0, 10, 0.0, 0.27753279986288926),
    (10, 10, 0.7224672001371109, 1.0),
    (1, 1, 0.20654931437723745, 1.0),
    (1, 3, 0.06149194472039626, 0.7923403991979523),
    (55000, 55000, 0.9999301601721113, 1.0),
  ])
  func boundsMatchSciPy(successes: Int, trials: Int, lower: Double, upper: Double) {
    let interval = WilsonInterval(successes: successes, trials: trials)
    #expect(abs(interval.lower - lower) < 1e-12)
    #expect(abs(interval.upper - upper) < 1e-12)
  }

  @Test func withoutTrialsTheIntervalIsZeroToOne() {
    let interval = WilsonInterval(successes: 0, trials: 0)
    #expect(interval.lower == 0 && interval.upper == 1)
  }

  @Test func zeroOrAllSuccessesGiveAnExactBound() {
    for trials in [1, 3, 7, 1000, 10_007] {
      #expect(WilsonInterval(successes: 0, trials: trials).lower == 0)
      #expect(WilsonInterval(successes: trials, trials: trials).upper == 1)
    }
  }
}
