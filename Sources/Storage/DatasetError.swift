/// A data set whose files are missing, contradictory or unusable.
package enum DatasetError: StorageError, Hashable {
  /// The folder does not exist.
  case noFolder(folder: String)
  /// The folder lacks one of the four files.
  case missingFile(folder: String, file: String)
  /// The folder has several candidates for one of the four files.
  case ambiguousFile(folder: String, file: String, candidates: [String])
  /// The numbers of images and labels differ.
  case countsDiffer(images: String, imageCount: Int, labels: String, labelCount: Int)
  /// Training and test images differ in size; sizes are "height x width".
  case sizesDiffer(training: String, trainingSize: String, test: String, testSize: String)
  /// A label of the test set is not one of the training set's classes.
  case labelOutOfRange(path: String, index: Int, label: Int, classes: Int)
  /// A label of the training set is so large that most classes below it have no image.
  case labelsTooSparse(path: String, index: Int, label: Int, distinct: Int)
  /// All training images have the same label.
  case singleClass(path: String, label: Int)
  /// There are too few training images for a validation set.
  case tooFewImages(path: String, count: Int, minimum: Int)
  /// The number of generated digits is not a number or outside the allowed range.
  case generatedCount(text: String, minimum: Int, maximum: Int)

  package var fault: StorageFault { .badData }

  package var description: String {
    switch self {
    case .noFolder(let folder):
      "\(folder): no such folder; run scripts/fetch-mnist \(folder), or use --data generated"
    case .missingFile(let folder, let file):
      "\(folder): \(file) (plain or .gz) is missing; run scripts/fetch-mnist \(folder), "
        + "or use --data generated"
    case .ambiguousFile(let folder, let file, let candidates):
      "\(folder): \(candidates.joined(separator: " and ")) could each be \(file); "
        + "keep only one of them in the folder"
    case .countsDiffer(let images, let imageCount, let labels, let labelCount):
      "\(labels): \(labelCount) labels for the \(imageCount) images in \(images); "
        + "use image and label files of the same set"
    case .sizesDiffer(let training, let trainingSize, let test, let testSize):
      "\(test): images of \(testSize) where \(training) has \(trainingSize); "
        + "use training and test files of the same set"
    case .labelOutOfRange(let path, let index, let label, let classes):
      "\(path): label \(index) is \(label), outside the training set's classes 0 to "
        + "\(classes - 1); download it again, or use training and test files of the same set"
    case .labelsTooSparse(let path, let index, let label, let distinct):
      "\(path): label \(index) is \(label), but there are only \(distinct) different labels; "
        + "download it again, or number the classes from 0 without gaps"
    case .singleClass(let path, let label):
      "\(path): all labels are \(label); use a training set of two classes or more"
    case .tooFewImages(let path, let count, let minimum):
      "\(path): \(count) images, under the minimum of \(minimum); use a larger set"
    case .generatedCount(let text, let minimum, let maximum):
      "generated:\(text): not a valid number of training images; use \(minimum) to \(maximum)"
    }
  }
}
