import Storage
import TestSupport
import Testing

@Suite struct IDXFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func images(_ bytes: [UInt8]) throws -> IDXFile {
    try IDXFile.images(path: folder.write(bytes, "images"))
  }

  private func labels(_ bytes: [UInt8]) throws -> IDXFile {
    try IDXFile.labels(path: folder.write(bytes, "labels"))
  }

  private var imagesPath: String { folder.file("images") }
  private var labelsPath: String { folder.file("labels") }

  @Test func readsImages() throws {
    let file = try images(Array(idx: 0x803, [2, 3, 4], Array(0..<24)))
    #expect(file.dimensions == [2, 3, 4])
    #expect(file.count == 2)
  }

  @Test func readsLabels() throws {
    #expect(try labels(Array(idx: 0x801, [3], [2, 0, 1])).dimensions == [3])
  }

  @Test func rejectsASwappedFileWithAHint() throws {
    let error = #expect(
      throws: IDXError.wrongMagic(path: imagesPath, found: 0x801, expected: 0x803)
    ) {
      try images(Array(idx: 0x801, [3], [2, 0, 1]))
    }
    #expect(
      error?.description
        == "\(imagesPath): magic: 0x00000801 where 0x00000803 is expected; "
        + "it contains labels, check whether the image and label files are swapped")
    #expect(throws: IDXError.wrongMagic(path: labelsPath, found: 0x803, expected: 0x801)) {
      try labels(Array(idx: 0x803, [1, 1, 1], [0]))
    }
  }

  @Test(arguments: [0, 0x802, 0x804, 0xD03, 0x0108_0803, 0x3C21_444F] as [UInt32])
  func rejectsOtherMagicNumbers(magic: UInt32) {
    #expect(throws: IDXError.wrongMagic(path: imagesPath, found: magic, expected: 0x803)) {
      try images(Array(idx: magic, [1, 1, 1], [0]))
    }
  }

  @Test(arguments: 0..<16)
  func rejectsATruncatedHeader(length: Int) {
    #expect(throws: IDXError.headerTruncated(path: imagesPath, size: length, expected: 16)) {
      try images(Array(Array(idx: 0x803, [1, 1, 1], [0]).prefix(length)))
    }
  }

  @Test(arguments: zip(0..<3, ["number of images", "height", "width"]))
  func rejectsAnEmptyDimension(place: Int, field: String) {
    var dimensions: [UInt32] = [1, 1, 1]
    dimensions[place] = 0
    #expect(throws: IDXError.emptyDimension(path: imagesPath, field: field)) {
      try images(Array(idx: 0x803, dimensions, []))
    }
  }

  @Test(arguments: [(1, "height", 4_097), (2, "width", 0xFFFF_FFFF)] as [(Int, String, UInt32)])
  func rejectsADimensionOverTheLimit(place: Int, field: String, value: UInt32) {
    var dimensions: [UInt32] = [1, 1, 1]
    dimensions[place] = value
    #expect(
      throws: IDXError.dimensionTooLarge(
        path: imagesPath, field: field, value: Int(value), limit: 4_096)
    ) {
      try images(Array(idx: 0x803, dimensions, []))
    }
  }

  @Test func theLargestDimensionsDoNotOverflow() {
    #expect(throws: IDXError.self) {
      try images(Array(idx: 0x803, [0x4000_0000, 4_096, 4_096], [1]))
    }
    #expect(throws: IDXError.self) {
      try images(Array(idx: 0x803, [.max, .max, .max], [1]))
    }
  }

  @Test func rejectsFewerElementsThanInTheHeader() {
    #expect(throws: IDXError.truncated(path: imagesPath, size: 21, expected: 22)) {
      try images(Array(idx: 0x803, [1, 2, 3], [1, 2, 3, 4, 5]))
    }
    #expect(throws: IDXError.truncated(path: labelsPath, size: 8, expected: 10)) {
      try labels(Array(idx: 0x801, [2], []))
    }
  }

  @Test func rejectsMoreElementsThanInTheHeader() {
    #expect(throws: IDXError.trailingBytes(path: labelsPath, size: 11, expected: 10)) {
      try labels(Array(idx: 0x801, [2], [0, 1, 2]))
    }
  }

  @Test func limitsTheSizeOfTheFile() throws {
    let path = try folder.write(Array(idx: 0x801, [2], [0, 1]), "labels")
    #expect(throws: FileError.tooLarge(path: path, size: 10, limit: 9)) {
      try IDXFile.labels(path: path, limit: 9)
    }
  }
}
