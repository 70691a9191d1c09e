import Bytes
package import Learning
package import Numerics
package import Wire

/// Images with labels, split as the notebooks split MNIST: the first training images are the
/// validation set, the rest is the training set, and the test set is apart.
///
/// A value that is read once and never changes; copies share the pixels.
package struct Dataset: Sendable {
  /// "MNIST", "generated digits", or the name of the folder.
  package let name: String
  /// The rows of pixels of each image.
  package let height: Int
  /// The pixels in a row.
  package let width: Int
  /// The number of classes: the greatest training label plus 1.
  package let classes: Int
  /// What the data are, for a peer to compare: numbers, sizes and the CRC-32C of training images,
  /// training labels, test images and test labels. The name plays no part.
  package let fingerprint: String

  private let training: LabelledImages
  private let test: LabelledImages
  private let validationCount: Int

  /// The number of images that are set aside for validation, of `count` training images: 5,000 of
  /// MNIST's 60,000 and of anything larger, a twelfth (at least one) of a smaller set.
  package static func validationCount(of count: Int) -> Int {
    min(5_000, max(1, count / 12))
  }

  init(
    name: String, training: LabelledImages, test: LabelledImages, classes: Int,
    checksums: [UInt32], validationCount: Int
  ) {
    self.name = name
    (height, width) = (training.height, training.width)
    self.classes = classes
    fingerprint =
      "\(training.count)+\(test.count) images of \(height)x\(width) in \(classes) classes, crc32c "
      + checksums.map(\.hexadecimal).joined(separator: " ")
    self.training = training
    self.test = test
    self.validationCount = validationCount
  }

  /// The number of images in a split.
  package func count(_ split: Split) -> Int {
    switch split {
    case .train: training.count - validationCount
    case .validation: validationCount
    case .test: test.count
    }
  }

  /// The label of image `index` of a split, 0 ..< classes.
  package func label(_ split: Split, _ index: Int) -> UInt8 {
    let (images, first) = images(of: split)
    precondition(0..<count(split) ~= index, "an index within the split")
    return images.label(first + index)
  }

  /// The pixels of image `index` of a split: height × width bytes, row by row, 0 black.
  package func pixels(_ split: Split, _ index: Int) -> ArraySlice<UInt8> {
    let (images, first) = images(of: split)
    precondition(0..<count(split) ~= index, "an index within the split")
    return images.pixels(first + index)
  }

  /// The images at `indices` of a split, in that order: [indices.count, height × width] pixels in
  /// the order of `scan`, each its byte times 1/255 in single precision, and their labels.
  ///
  /// Every index must be within the split.
  package func minibatch(
    _ split: Split, indices: [Int], scan: Scan, kernels: Kernels = Kernels()
  ) -> Minibatch {
    let (images, first) = images(of: split)
    let order = scan == .columns ? scan.order(height: height, width: width) : nil
    precondition(indices.allSatisfy((0..<count(split)).contains), "indices within the split")
    let pixels = kernels.scaled(
      images.pixelBytes, at: indices.map { images.pixelStart(first + $0) },
      count: height * width, order: order, by: Self.scale)
    return Minibatch(pixels: pixels, labels: indices.map { images.label(first + $0) })
  }

  /// What TensorFlow's MNIST reader multiplies by, in single precision too.
  private static let scale: Float = 1 / 255

  private func images(of split: Split) -> (LabelledImages, first: Int) {
    switch split {
    case .train: (training, validationCount)
    case .validation: (training, 0)
    case .test: (test, 0)
    }
  }
}
