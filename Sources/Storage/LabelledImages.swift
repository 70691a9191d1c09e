import Bytes
import Numerics

/// Images of one size and their labels, one byte for each pixel and label.
struct LabelledImages: Sendable {
  let count: Int
  let height: Int
  let width: Int
  /// The pixels [count, height, width], from `pixelOffset` on.
  let pixelBytes: [UInt8]
  let pixelOffset: Int
  /// The labels [count], from `labelOffset` on.
  let labelBytes: [UInt8]
  let labelOffset: Int

  /// Creates images from a file of images and a file of as many labels.
  init(images: IDXFile, labels: IDXFile) throws(DatasetError) {
    guard images.count == labels.count else {
      throw .countsDiffer(
        images: images.path, imageCount: images.count,
        labels: labels.path, labelCount: labels.count)
    }
    count = images.count
    (height, width) = (images.dimensions[1], images.dimensions[2])
    (pixelBytes, pixelOffset) = (images.bytes, images.elements.lowerBound)
    (labelBytes, labelOffset) = (labels.bytes, labels.elements.lowerBound)
  }

  /// Creates images from `pixels` [labels.count, height, width].
  init(pixels: [UInt8], labels: [UInt8], height: Int, width: Int) {
    precondition(
      pixels.count == labels.count * height * width,
      "the number of pixels does not match the number and size of the images")
    (count, self.height, self.width) = (labels.count, height, width)
    (pixelBytes, pixelOffset) = (pixels, 0)
    (labelBytes, labelOffset) = (labels, 0)
  }

  /// Returns the height × width pixels of one image, row by row.
  func pixels(_ index: Int) -> ArraySlice<UInt8> {
    let start = pixelStart(index)
    return pixelBytes[start..<start + height * width]
  }

  /// Returns the index in `pixelBytes` at which an image begins.
  func pixelStart(_ index: Int) -> Int { pixelOffset + index * height * width }

  func label(_ index: Int) -> UInt8 { labelBytes[labelOffset + index] }

  /// All labels in order.
  var labels: ArraySlice<UInt8> { labelBytes[labelOffset...] }

  /// Returns the CRC-32C of all pixels and that of all labels, without the files' headers.
  func checksums() -> [UInt32] {
    [
      CRC32C.checksum(pixelBytes, pixelOffset..<pixelBytes.count),
      CRC32C.checksum(labelBytes, labelOffset..<labelBytes.count),
    ]
  }
}
