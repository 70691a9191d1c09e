import Storage
import TestSupport

/// The four files of a small data set, which a test can change before it writes them.
struct IDXFolder {
  /// Images of 2 × 3 in three classes. The pixels count up from 0 through all training images and
  /// down from 255 through the test images.
  var trainImages = Array(idx: 0x803, [24, 2, 3], Array(0..<144))
  var trainLabels = Array(idx: 0x801, [24], (0..<24).map { $0 % 3 })
  var testImages = Array(idx: 0x803, [5, 2, 3], Array((226...255).reversed()))
  var testLabels = Array(idx: 0x801, [5], [2, 1, 0, 1, 2])

  func write(to folder: TemporaryFolder) throws {
    try folder.write(trainImages, "train-images-idx3-ubyte")
    try folder.write(trainLabels, "train-labels-idx1-ubyte")
    try folder.write(testImages, "t10k-images-idx3-ubyte")
    try folder.write(testLabels, "t10k-labels-idx1-ubyte")
  }

  /// Writes the files and loads them.
  func load(from folder: TemporaryFolder) throws -> Dataset {
    try write(to: folder)
    return try Dataset.load(.folder(folder.path))
  }
}
