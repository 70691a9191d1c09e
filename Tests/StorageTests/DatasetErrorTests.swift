import Storage
import TestSupport
import Testing

@Suite struct DatasetErrorTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func path(_ name: String) -> String { folder.file(name + "-ubyte") }

  private func expect(
    _ error: some StorageError & Equatable, sourceLocation: SourceLocation = #_sourceLocation,
    change: (inout IDXFolder) -> Void
  ) {
    var files = IDXFolder()
    change(&files)
    #expect(throws: error, sourceLocation: sourceLocation) { try files.load(from: folder) }
  }

  @Test func rejectsImagesAndLabelsOfDifferentNumber() {
    expect(
      DatasetError.countsDiffer(
        images: path("t10k-images-idx3"), imageCount: 5,
        labels: path("t10k-labels-idx1"), labelCount: 4)
    ) {
      $0.testLabels = Array(idx: 0x801, [4], [0, 1, 2, 0])
    }
  }

  @Test func rejectsSwappedTrainingAndTestLabels() {
    expect(
      DatasetError.countsDiffer(
        images: path("train-images-idx3"), imageCount: 24,
        labels: path("train-labels-idx1"), labelCount: 5)
    ) {
      swap(&$0.trainLabels, &$0.testLabels)
    }
  }

  @Test func rejectsTestImagesOfAnotherSize() {
    expect(
      DatasetError.sizesDiffer(
        training: path("train-images-idx3"), trainingSize: "2x3",
        test: path("t10k-images-idx3"), testSize: "3x2")
    ) {
      $0.testImages = Array(idx: 0x803, [5, 3, 2], [UInt8](repeating: 0, count: 30))
    }
  }

  @Test func rejectsATestLabelOutsideTheClasses() {
    expect(
      DatasetError.labelOutOfRange(path: path("t10k-labels-idx1"), index: 3, label: 3, classes: 3)
    ) {
      $0.testLabels[8 + 3] = 3
    }
  }

  @Test func rejectsATrainingLabelFarFromTheOthers() {
    expect(
      DatasetError.labelsTooSparse(
        path: path("train-labels-idx1"), index: 10, label: 200, distinct: 4)
    ) {
      $0.trainLabels[8 + 10] = 200
    }
  }

  @Test func acceptsClassesWithAGap() throws {
    var files = IDXFolder()
    files.trainLabels = Array(idx: 0x801, [24], (0..<24).map { 1 + $0 % 3 })
    #expect(try files.load(from: folder).classes == 4)
  }

  @Test func rejectsATrainingSetOfOneClass() {
    expect(DatasetError.singleClass(path: path("train-labels-idx1"), label: 0)) {
      $0.trainLabels = Array(idx: 0x801, [24], [UInt8](repeating: 0, count: 24))
    }
  }

  @Test func rejectsASingleTrainingImage() {
    expect(DatasetError.tooFewImages(path: path("train-images-idx3"), count: 1, minimum: 2)) {
      $0.trainImages = Array(idx: 0x803, [1, 2, 3], [UInt8](repeating: 0, count: 6))
      $0.trainLabels = Array(idx: 0x801, [1], [0])
    }
  }

  @Test func rejectsSwappedImageAndLabelFiles() {
    expect(
      IDXError.wrongMagic(path: path("train-images-idx3"), found: 0x801, expected: 0x803)
    ) {
      swap(&$0.trainImages, &$0.trainLabels)
    }
  }

  @Test func rejectsATruncatedFile() {
    expect(IDXError.truncated(path: path("t10k-images-idx3"), size: 45, expected: 46)) {
      $0.testImages.removeLast()
    }
  }

  @Test func rejectsATruncatedCompressedFile() {
    expect(GzipError.truncated(path: path("t10k-images-idx3"))) {
      $0.testImages = [0x1F, 0x8B, 8, 0]
    }
  }
}
