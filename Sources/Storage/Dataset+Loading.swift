import Foundation

extension Dataset {
  /// Reads or generates the data of a source, and checks them.
  ///
  /// - Throws: a ``StorageError``: ``DatasetError``, ``IDXError``, ``GzipError`` or ``FileError``.
  package static func load(_ source: DataSource) throws -> Dataset {
    switch source {
    case .folder(let folder): try load(folder: folder)
    case .generated(let count): generated(trainingCount: count, testCount: count / 5)
    }
  }

  /// Returns digits drawn from strokes; a fifth of the training images is the validation set.
  ///
  /// - Precondition: `trainingCount` is at least 5, `testCount` at least 1.
  package static func generated(trainingCount: Int, testCount: Int) -> Dataset {
    let digits = GeneratedDigits()
    let training = digits.images(.training, count: trainingCount)
    let test = digits.images(.test, count: testCount)
    return Dataset(
      name: "generated digits", training: training, test: test, classes: 10,
      checksums: training.checksums() + test.checksums(), validationCount: trainingCount / 5)
  }

  private static func load(folder: String) throws -> Dataset {
    let files = try DatasetFolder(folder)
    let training = try LabelledImages(
      images: .images(path: files.trainImages), labels: .labels(path: files.trainLabels))
    let test = try LabelledImages(
      images: .images(path: files.testImages), labels: .labels(path: files.testLabels))
    try checkSizes(training, test, files)
    let classes = try classes(of: training, files)
    try checkLabels(of: test, classes: classes, path: files.testLabels)
    let checksums = training.checksums() + test.checksums()
    return Dataset(
      name: checksums == mnistChecksums ? "MNIST" : folderName(folder),
      training: training, test: test, classes: classes, checksums: checksums,
      validationCount: validationCount(of: training.count))
  }

  /// CRC-32C of MNIST's training images, training labels, test images and test labels.
  private static let mnistChecksums: [UInt32] = [
    0xA395_7509, 0x6742_6FDF, 0x1607_4929, 0xAF32_2062,
  ]

  private static func folderName(_ folder: String) -> String {
    URL(fileURLWithPath: folder).standardizedFileURL.lastPathComponent
  }

  private static func checkSizes(
    _ training: LabelledImages, _ test: LabelledImages, _ files: DatasetFolder
  ) throws(DatasetError) {
    guard (training.height, training.width) == (test.height, test.width) else {
      throw .sizesDiffer(
        training: files.trainImages, trainingSize: "\(training.height)x\(training.width)",
        test: files.testImages, testSize: "\(test.height)x\(test.width)")
    }
    guard training.count >= 2 else {
      throw .tooFewImages(path: files.trainImages, count: training.count, minimum: 2)
    }
  }

  /// Returns the largest training label plus 1. If more than half of these classes had no image,
  /// the file would be damaged.
  private static func classes(
    of training: LabelledImages, _ files: DatasetFolder
  ) throws(DatasetError) -> Int {
    let labels = Set(training.labels)
    let greatest = labels.max() ?? 0
    guard labels.count > 1 else {
      throw .singleClass(path: files.trainLabels, label: Int(greatest))
    }
    guard Int(greatest) < 2 * labels.count else {
      let labels = training.labels
      let index = (labels.firstIndex(of: greatest) ?? labels.startIndex) - labels.startIndex
      throw .labelsTooSparse(
        path: files.trainLabels, index: index, label: Int(greatest),
        distinct: Set(labels).count)
    }
    return Int(greatest) + 1
  }

  private static func checkLabels(
    of images: LabelledImages, classes: Int, path: String
  ) throws(DatasetError) {
    let labels = images.labels
    guard let place = labels.firstIndex(where: { $0 >= classes }) else { return }
    throw .labelOutOfRange(
      path: path, index: place - labels.startIndex, label: Int(labels[place]), classes: classes)
  }
}
