import Bytes
import Numerics

/// Images of one size and their labels, as they are in a file: one byte a pixel and a label.
struct LabelledImages: Sendable {
  let count: Int
  let height: Int
  let width: Int
  /// The images from `pixelOffset` on, [count, height, width].
  let pixelBytes: [UInt8]
  let pixelOffset: Int
  /// The labels from `labelOffset` on, [count].
  let labelBytes: [UInt8]
  let labelOffset: Int

  /// Joins a file of images and one of labels, which must agree in number.
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

  /// Images made in memory, `pixels` [labels.count, height, width].
  init(pixels: [UInt8], labels: [UInt8], height: Int, width: Int) {
    precondition(pixels.count == labels.count * height * width, "one size for all images")
    (count, self.height, self.width) = (labels.count, height, width)
    (pixelBytes, pixelOffset) = (pixels, 0)
    (labelBytes, labelOffset) = (labels, 0)
  }

  /// The height × width pixels of one image, row by row.
  func pixels(_ index: Int) -> ArraySlice<UInt8> {
    let start = pixelStart(index)
    return pixelBytes[start..<start + height * width]
  }

  /// Where in `pixelBytes` an image begins.
  func pixelStart(_ index: Int) -> Int { pixelOffset + index * height * width }

  func label(_ index: Int) -> UInt8 { labelBytes[labelOffset + index] }

  /// All labels in order.
  var labels: ArraySlice<UInt8> { labelBytes[labelOffset...] }

  /// CRC-32C of all pixels and of all labels, without the files' headers.
  func checksums() -> [UInt32] {
    [
      CRC32C.checksum(pixelBytes, pixelOffset..<pixelBytes.count),
      CRC32C.checksum(labelBytes, labelOffset..<labelBytes.count),
    ]
  }
}
