import Bytes
package import Learning
package import Numerics
package import Wire

/// Images with labels, split as the notebooks split MNIST: the first training images are the
/// validation set, the others the training set; the test set has files of its own.
///
/// A dataset is immutable; copies share the pixels.
package struct Dataset: Sendable {
  /// `MNIST`, `generated digits`, or the name of the folder.
  package let name: String
  /// Rows of pixels in each image.
  package let height: Int
  /// Pixels in a row.
  package let width: Int
  /// The number of classes: the largest training label plus 1.
  package let classes: Int
  /// A description of the content that peers compare: number and size of the images, and the
  /// CRC-32C of training images, training labels, test images and test labels, but not the name.
  package let fingerprint: String

  private let training: LabelledImages
  private let test: LabelledImages
  private let validationCount: Int

  /// Returns the number of validation images among `count` training images: 5,000 of MNIST's
  /// 60,000 and of larger sets, a twelfth (at least one) of smaller ones.
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

  /// Returns the number of images in a split.
  package func count(_ split: Split) -> Int {
    switch split {
    case .train: training.count - validationCount
    case .validation: validationCount
    case .test: test.count
    }
  }

  /// Returns the label of image `index` of a split, 0 ..< classes.
  package func label(_ split: Split, _ index: Int) -> UInt8 {
    let (images, first) = images(of: split)
    precondition(0..<count(split) ~= index, "the index is outside the split")
    return images.label(first + index)
  }

  /// Returns the pixels of image `index` of a split: height × width bytes, row by row, 0 black.
  package func pixels(_ split: Split, _ index: Int) -> ArraySlice<UInt8> {
    let (images, first) = images(of: split)
    precondition(0..<count(split) ~= index, "the index is outside the split")
    return images.pixels(first + index)
  }

  /// Returns the images at `indices` of a split, in that order, with their labels: pixels
  /// [indices.count, height × width] in the order of `scan`, each byte multiplied by 1/255 in
  /// single precision.
  ///
  /// - Precondition: every index is within the split.
  package func minibatch(
    _ split: Split, indices: [Int], scan: Scan, kernels: Kernels = Kernels()
  ) -> Minibatch {
    let (images, first) = images(of: split)
    let order = scan == .columns ? scan.order(height: height, width: width) : nil
    precondition(indices.allSatisfy((0..<count(split)).contains), "an index is outside the split")
    let pixels = kernels.scaled(
      images.pixelBytes, at: indices.map { images.pixelStart(first + $0) },
      count: height * width, order: order, by: Self.scale)
    return Minibatch(pixels: pixels, labels: indices.map { images.label(first + $0) })
  }

  /// The factor of TensorFlow's MNIST reader, also in single precision.
  private static let scale: Float = 1 / 255

  private func images(of split: Split) -> (LabelledImages, first: Int) {
    switch split {
    case .train: (training, validationCount)
    case .validation: (training, 0)
    case .test: (test, 0)
    }
  }
}
