/// Samples with their labels, in the form that a ``Classifier`` reads.
package struct Minibatch: Sendable {
  /// [rows, timeSteps * features]: pixels in the order of the ``Scan``, each in 0...1.
  package let pixels: [Float]
  /// [rows]: the classes, each less than the model's number of classes.
  package let labels: [UInt8]

  /// Creates a minibatch from pixels and labels.
  ///
  /// - Precondition: `pixels` has the same number of values for every label.
  package init(pixels: [Float], labels: [UInt8]) {
    precondition(
      labels.isEmpty ? pixels.isEmpty : pixels.count.isMultiple(of: labels.count),
      "\(pixels.count) pixels cannot be divided equally among \(labels.count) samples")
    self.pixels = pixels
    self.labels = labels
  }

  /// The number of samples.
  package var rows: Int { labels.count }
}
