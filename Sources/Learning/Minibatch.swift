/// Samples with their labels, ready for a ``Classifier``.
package struct Minibatch: Sendable {
  /// [rows, timeSteps * features] in the order of the ``Scan``, each in 0...1.
  package let pixels: [Float]
  /// [rows] the classes, each below the model's number of classes.
  package let labels: [UInt8]

  /// The samples whose pixels and labels these are.
  ///
  /// - Precondition: `pixels` holds the same number of values for every label.
  package init(pixels: [Float], labels: [UInt8]) {
    precondition(
      labels.isEmpty ? pixels.isEmpty : pixels.count.isMultiple(of: labels.count),
      "every sample needs the same number of pixels")
    self.pixels = pixels
    self.labels = labels
  }

  /// The number of samples.
  package var rows: Int { labels.count }
}
