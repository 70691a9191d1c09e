import Storage
import TestSupport
import Testing

@Suite struct StorageErrorTests {
  private static let path = "data/x"

  private static let errors: [any StorageError] = [
    FileError.notFound(path: path), FileError.notRegular(path: path),
    FileError.tooLarge(path: path, size: 2, limit: 1),
    FileError.unreadable(path: path, reason: "r"),
    FileError.unwritable(path: path, operation: "syncing", reason: "r"),
    FileError.noModel(folder: path),
    GzipError.notGzip(path: path), GzipError.truncated(path: path),
    GzipError.corrupt(path: path, reason: "r"), GzipError.trailingBytes(path: path, count: 1),
    GzipError.tooLarge(path: path, limit: 1), GzipError.outOfMemory(path: path),
    IDXError.headerTruncated(path: path, size: 1, expected: 8),
    IDXError.wrongMagic(path: path, found: 0x801, expected: 0x803),
    IDXError.wrongMagic(path: path, found: 0x803, expected: 0x801),
    IDXError.wrongMagic(path: path, found: 0, expected: 0x801),
    IDXError.emptyDimension(path: path, field: "height"),
    IDXError.dimensionTooLarge(path: path, field: "height", value: 2, limit: 1),
    IDXError.truncated(path: path, size: 1, expected: 2),
    IDXError.trailingBytes(path: path, size: 2, expected: 1),
    DatasetError.noFolder(folder: path), DatasetError.missingFile(folder: path, file: "f"),
    DatasetError.ambiguousFile(folder: path, file: "f", candidates: ["a", "b"]),
    DatasetError.countsDiffer(images: "i", imageCount: 1, labels: path, labelCount: 2),
    DatasetError.sizesDiffer(training: "t", trainingSize: "1x1", test: path, testSize: "2x2"),
    DatasetError.labelOutOfRange(path: path, index: 0, label: 3, classes: 3),
    DatasetError.labelsTooSparse(path: path, index: 0, label: 3, distinct: 2),
    DatasetError.singleClass(path: path, label: 0),
    DatasetError.tooFewImages(path: path, count: 1, minimum: 2),
    SafetensorsError.headerTruncated(path: path, size: 1, expected: 8),
    SafetensorsError.headerTooLong(path: path, length: 2, limit: 1),
    SafetensorsError.headerInvalid(path: path, field: "a", reason: "r"),
    SafetensorsError.unsupportedType(path: path, tensor: "a", type: "F16"),
    SafetensorsError.invalidShape(path: path, tensor: "a", shape: [-1]),
    SafetensorsError.wrongOffsets(path: path, tensor: "a", offsets: [0], expected: 4),
    SafetensorsError.sizeMismatch(path: path, tensor: "a", shape: [1], offsets: [0, 1]),
    SafetensorsError.truncated(path: path, tensor: "a", size: 1, expected: 4),
    SafetensorsError.trailingBytes(path: path, count: 1),
    SafetensorsError.nameTaken(path: path, tensor: "a"),
    ContentError.noChecksum(path: path),
    ContentError.damaged(path: path, stated: "1", computed: "2"),
    ContentError.field(path: path, field: "step"),
    ContentError.settings(path: path, reason: "r"),
    ContentError.tensorMissing(path: path, tensor: "t"),
    ContentError.tensorShape(path: path, tensor: "t", shape: [1], expected: [2]),
    CheckpointError.extraTensors(path: path, count: 2, expected: 1),
    CheckpointError.batches(path: path, applied: 1, step: 2),
    CheckpointError.unbalanced(path: path),
    CheckpointError.otherData(path: path, found: "a", expected: "b"),
    CheckpointError.otherSize(path: path, samples: 1, expected: 2),
    CheckpointError.none(folder: path),
  ]

  @Test func beginWithTheFileAndEndWithARemedyInOneLine() {
    for error in Self.errors {
      let text = error.description
      #expect(text.hasPrefix("data/x: "), "\(text)")
      #expect(text.contains(";"), "\(text)")
      #expect(!text.contains("\n"), "\(text)")
      #expect(!text.hasSuffix("."), "\(text)")
      #expect("\(error)" == text)
    }
  }

  @Test func areDistinct() {
    #expect(Set(Self.errors.map(\.description)).count == Self.errors.count)
  }

  @Test func distinguishBadDataFromFailedInputAndOutput() {
    #expect(FileError.notFound(path: "f").fault == .inputOutput)
    #expect(GzipError.outOfMemory(path: "f").fault == .inputOutput)
    #expect(GzipError.truncated(path: "f").fault == .badData)
    #expect(IDXError.emptyDimension(path: "f", field: "width").fault == .badData)
    #expect(DatasetError.noFolder(folder: "f").fault == .badData)
    #expect(SafetensorsError.trailingBytes(path: "f", count: 1).fault == .badData)
  }

  @Test func stateTheAllowedNumberOfGeneratedDigits() {
    let error = DatasetError.generatedCount(text: "7", minimum: 100, maximum: 1_000)
    #expect(
      error.description
        == "generated:7: not a valid number of training images; use 100 to 1000")
  }
}
