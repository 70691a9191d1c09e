/// The files of a data set are not there or do not belong together.
package enum DatasetError: StorageError, Hashable {
  /// The folder is not there.
  case noFolder(folder: String)
  /// The folder lacks one of the four files.
  case missingFile(folder: String, file: String)
  /// The folder has several files for one of the four.
  case ambiguousFile(folder: String, file: String, candidates: [String])
  /// There are not as many labels as images.
  case countsDiffer(images: String, imageCount: Int, labels: String, labelCount: Int)
  /// Training and test images differ in size; sizes as "height x width".
  case sizesDiffer(training: String, trainingSize: String, test: String, testSize: String)
  /// A label of the test set is none of the training set's classes.
  case labelOutOfRange(path: String, index: Int, label: Int, classes: Int)
  /// A label of the training set is so great that most classes below it have no image.
  case labelsTooSparse(path: String, index: Int, label: Int, distinct: Int)
  /// All training images have the same label.
  case singleClass(path: String, label: Int)
  /// There are too few training images to set some aside for validation.
  case tooFewImages(path: String, count: Int, minimum: Int)
  /// A number of generated digits is outside what can be generated.
  case generatedCount(text: String, minimum: Int, maximum: Int)

  package var fault: StorageFault { .badData }

  package var description: String {
    switch self {
    case .noFolder(let folder):
      "\(folder): no such folder; run scripts/fetch-mnist \(folder), or pass --data generated"
    case .missingFile(let folder, let file):
      "\(folder): \(file) (plain or .gz) is missing; run scripts/fetch-mnist \(folder), "
        + "or pass --data generated"
    case .ambiguousFile(let folder, let file, let candidates):
      "\(folder): \(candidates.joined(separator: " and ")) could each be \(file); "
        + "leave one of them in the folder"
    case .countsDiffer(let images, let imageCount, let labels, let labelCount):
      "\(labels): number of labels: \(labelCount) for the \(imageCount) images of \(images); "
        + "use files that belong together"
    case .sizesDiffer(let training, let trainingSize, let test, let testSize):
      "\(test): images of \(testSize) where \(training) has \(trainingSize); "
        + "use files that belong together"
    case .labelOutOfRange(let path, let index, let label, let classes):
      "\(path): label \(index): \(label), outside the training set's classes 0 to "
        + "\(classes - 1); fetch it again, or use files that belong together"
    case .labelsTooSparse(let path, let index, let label, let distinct):
      "\(path): label \(index): \(label), where only \(distinct) different labels occur; "
        + "fetch it again, or number the classes from 0 without gaps"
    case .singleClass(let path, let label):
      "\(path): labels: all are \(label); use a training set of two classes or more"
    case .tooFewImages(let path, let count, let minimum):
      "\(path): number of images: \(count), under the minimum of \(minimum); use a larger set"
    case .generatedCount(let text, let minimum, let maximum):
      "generated:\(text): the number of training images must be \(minimum) to \(maximum)"
    }
  }
}
