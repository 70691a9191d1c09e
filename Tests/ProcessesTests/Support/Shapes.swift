import Foundation
import TestSupport

/// A small data set of images of bars: 96 for training and 24 for tests, 6 x 5 pixels, in three
/// classes by the position of the bar.
struct Shapes {
  var trainImages = Self.images(96)
  var trainLabels = Self.labels(96)
  var testImages = Self.images(24)
  var testLabels = Self.labels(24)

  /// Writes the four files into a folder of this name.
  func write(_ name: String = "shapes", in folder: TemporaryFolder) throws {
    try folder.write(trainImages, name + "/train-images-idx3-ubyte")
    try folder.write(trainLabels, name + "/train-labels-idx1-ubyte")
    try folder.write(testImages, name + "/t10k-images-idx3-ubyte")
    try folder.write(testLabels, name + "/t10k-labels-idx1-ubyte")
  }

  static func images(_ count: UInt32, height: UInt32 = 6) -> [UInt8] {
    let pixels = (0..<count).flatMap { image in
      (0..<height * 5).map { place in
        let isBar = place / 5 / 2 == image % 3
        return UInt8((isBar ? 200 : 10) + (image &* 31 &+ place &* 17) % 50)
      }
    }
    return Array(idx: 0x803, [count, height, 5], pixels)
  }

  static func labels(_ count: UInt32) -> [UInt8] {
    Array(idx: 0x801, [count], (0..<count).map { UInt8($0 % 3) })
  }
}
