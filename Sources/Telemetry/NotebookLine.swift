package import Coordination
import Numerics
import Wire

/// The lines that the second notebook prints every ten steps:
/// `(1000 / 100000)    Minibatch loss=1.850881    Accuracy=0.43000`.
package enum NotebookLine {
  /// Returns the line of an update, or nil if the notebook prints none for its step.
  ///
  /// The notebook's loop runs while step * batch is below its number of iterations, so it ends one
  /// batch short of it: 999 steps of 100 count to 100000.
  package static func text(_ step: StepReport, batchSize: Int) -> String? {
    guard step.step.isMultiple(of: 10) else { return nil }
    let batch = UInt64(batchSize)
    let loss = Formatting.fixed(step.sums.meanLoss, 6)
    let accuracy = Formatting.fixed(step.sums.accuracy, 5)
    return "(\(step.step * batch) / \((step.steps + 1) * batch))"
      + "    Minibatch loss=\(loss)    Accuracy=\(accuracy)"
  }
}
