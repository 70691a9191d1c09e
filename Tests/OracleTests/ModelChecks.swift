import Foundation
import Learning
import Numerics
import Testing

/// Checks that a model's results match TensorFlow's.
struct ModelChecks {
  let model: OracleModel

  /// Checks the logits of the first batch in evaluation, up to a constant in each row, which does
  /// not affect the loss.
  func logits() throws {
    let classifier = model.classifier()
    classifier.load(weights: try model.weights("start"))
    let ours = classifier.predict(model.batch(0)).map { log($0) }
    let expected = logSoftmax(
      try model.values("logits/evaluation"), classes: model.shape.classes)
    #expect(deviation(ours, expected) < 1e-5)
  }

  /// Checks the loss and the gradient of every tensor in the first batch.
  func gradients() throws {
    let start = try model.weights("start")
    let (gradient, loss) = model.train(model.classifier(), weights: start, step: 0)
    #expect(abs(loss / Double(model.losses[0]) - 1) < 1e-6)
    for entry in model.shape.layout.entries where entry.trainable {
      let ours = gradient[model.shape.layout.range(of: entry.name)]
      let difference = deviation(ours, try model.values("gradient/\(entry.name)"))
      #expect(difference < 1e-5, "\(entry.name)")
    }
  }

  /// Checks the weights after 1, 10 and 100 steps, their changes, and the loss and norm of every
  /// step.
  func training() throws {
    let classifier = model.classifier()
    var optimizer = Optimizer(shape: model.shape, weights: try model.weights("start"))
    for step in model.losses.indices {
      let (gradient, loss) = model.train(classifier, weights: optimizer.weights, step: step)
      let norm = optimizer.apply(
        contribution: gradient, learningRate: model.about.learningRate, clip: model.clip)
      #expect(abs(loss - Double(model.losses[step])) < 1e-3, "loss of step \(step)")
      #expect(abs(norm / model.norms[step] - 1) < 1e-2, "norm of step \(step)")
      try weights(optimizer.weights, after: step + 1)
    }
  }

  private func weights(_ weights: [Float], after steps: Int) throws {
    guard let tolerance = [1: 1e-4, 10: 1e-4, 100: 1e-3][steps] else { return }
    for entry in model.shape.layout.entries {
      let range = model.shape.layout.range(of: entry.name)
      let start = try model.values("start/\(entry.name)")
      let expected = try model.values("after\(steps)/\(entry.name)")
      let difference = deviation(weights[range], expected)
      #expect(difference < tolerance, "\(entry.name) after \(steps) steps")
      let change = relativeDistance(
        zip(weights[range], start).map { $0 - $1 }, zip(expected, start).map { $0 - $1 })
      #expect(change < 10 * tolerance, "change of \(entry.name) in \(steps) steps")
    }
  }
}
