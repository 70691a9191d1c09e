/// An IDX file of unsigned bytes, the format in which MNIST was published.
///
/// It has a big-endian header (two zero bytes, the element type 8, the number of dimensions, then
/// the dimensions as 32-bit integers), followed by the elements, row by row. Plain and
/// gzip-compressed files are distinguished by their content, not by their names.
package struct IDXFile: Sendable {
  /// The path of the file, for messages.
  package let path: String
  /// The dimensions: [count, height, width] of images, [count] of labels; all are positive.
  package let dimensions: [Int]
  /// The whole file, uncompressed: header and elements.
  let bytes: [UInt8]

  /// The largest uncompressed file that is read, in bytes: 1 GiB.
  package static let limit = 1 << 30
  /// The largest height and width of an image.
  package static let sideLimit = 4096

  /// The number of images or labels.
  package var count: Int { dimensions[0] }
  /// The range of the elements in `bytes`.
  package var elements: Range<Int> { (4 + 4 * dimensions.count)..<bytes.count }

  /// Reads the images at `path`: three dimensions, count, height and width.
  ///
  /// - Throws: `IDXError`, `GzipError` or `FileError`.
  package static func images(path: String, limit: Int = limit) throws -> IDXFile {
    try IDXFile(Gzip.read(path: path, limit: limit), path: path, fields: imageFields)
  }

  /// Reads the labels at `path`: one dimension, their count.
  ///
  /// - Throws: `IDXError`, `GzipError` or `FileError`.
  package static func labels(path: String, limit: Int = limit) throws -> IDXFile {
    try IDXFile(Gzip.read(path: path, limit: limit), path: path, fields: labelFields)
  }

  /// The dimensions of a file of images.
  package static let imageFields = ["number of images", "height", "width"]
  /// The dimension of a file of labels.
  package static let labelFields = ["number of labels"]

  /// Creates a file from its uncompressed content, whose dimensions must be `fields`.
  package init(_ bytes: [UInt8], path: String, fields: [String]) throws(IDXError) {
    let header = 4 + 4 * fields.count
    try Self.checkMagic(bytes, path: path, rank: fields.count)
    guard bytes.count >= header else {
      throw .headerTruncated(path: path, size: bytes.count, expected: header)
    }
    var dimensions: [Int] = []
    for (place, field) in fields.enumerated() {
      let value = Int(Self.word(bytes, at: 4 + 4 * place))
      guard value > 0 else { throw .emptyDimension(path: path, field: field) }
      let limit = place == 0 ? Self.limit : Self.sideLimit
      guard value <= limit else {
        throw .dimensionTooLarge(path: path, field: field, value: value, limit: limit)
      }
      dimensions.append(value)
    }
    // At most 2³⁰ · 2¹² · 2¹²: no overflow.
    let expected = header + dimensions.reduce(1, *)
    guard bytes.count >= expected else {
      throw .truncated(path: path, size: bytes.count, expected: expected)
    }
    guard bytes.count == expected else {
      throw .trailingBytes(path: path, size: bytes.count, expected: expected)
    }
    self.init(path: path, dimensions: dimensions, bytes: bytes)
  }

  private init(path: String, dimensions: [Int], bytes: [UInt8]) {
    self.path = path
    self.dimensions = dimensions
    self.bytes = bytes
  }

  private static func checkMagic(
    _ bytes: [UInt8], path: String, rank: Int
  ) throws(IDXError) {
    guard bytes.count >= 4 else {
      throw .headerTruncated(path: path, size: bytes.count, expected: 4 + 4 * rank)
    }
    let magic = word(bytes, at: 0)
    let expected = 0x0800 | UInt32(rank)
    guard magic == expected else {
      throw .wrongMagic(path: path, found: magic, expected: expected)
    }
  }

  private static func word(_ bytes: [UInt8], at place: Int) -> UInt32 {
    bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
