import Learning
import Numerics
import Storage
import TestSupport
import Testing
import Wire

@Suite struct DatasetTests {
  private let folder: TemporaryFolder
  private let dataset: Dataset

  init() throws {
    folder = try TemporaryFolder()
    dataset = try IDXFolder().load(from: folder)
  }

  @Test func takesSizesAndClassesFromTheFiles() {
    #expect((dataset.height, dataset.width, dataset.classes) == (2, 3, 3))
  }

  @Test func theNameIsThatOfItsFolder() throws {
    #expect(dataset.name == folder.path.split(separator: "/").last.map(String.init))
    #expect(try Dataset.load(.folder(folder.path + "/")).name == dataset.name)
  }

  @Test func theFirstTrainingImagesAreTheValidationSet() {
    #expect(dataset.count(.validation) == 2)
    #expect(dataset.count(.train) == 22)
    #expect(dataset.count(.test) == 5)
    #expect(Array(dataset.pixels(.validation, 0)) == [0, 1, 2, 3, 4, 5])
    #expect(Array(dataset.pixels(.train, 0)) == [12, 13, 14, 15, 16, 17])
    #expect(Array(dataset.pixels(.train, 21)) == [138, 139, 140, 141, 142, 143])
    #expect(Array(dataset.pixels(.test, 4)) == [231, 230, 229, 228, 227, 226])
    #expect((0..<2).map { dataset.label(.validation, $0) } == [0, 1])
    #expect((0..<4).map { dataset.label(.train, $0) } == [2, 0, 1, 2])
    #expect((0..<5).map { dataset.label(.test, $0) } == [2, 1, 0, 1, 2])
  }

  @Test(arguments: [
    (60_000, 5_000), (124_800, 5_000), (12_000, 1_000), (24, 2), (23, 1), (2, 1),
  ])
  func theValidationSetIsATwelfthAndAtMostFiveThousand(count: Int, validation: Int) {
    #expect(Dataset.validationCount(of: count) == validation)
  }

  /// The checksums were computed bit by bit in Python, from RFC 3720's polynomial.
  @Test func theFingerprintDescribesTheContent() {
    #expect(
      dataset.fingerprint
        == "24+5 images of 2x3 in 3 classes, crc32c 3d68cdc7 6a8dbb82 ee377f80 1a8ceb55")
  }

  @Test func aChangeInAnyFileChangesTheFingerprint() throws {
    var fingerprints: Set = [dataset.fingerprint]
    for change in [
      { $0.trainImages[20] ^= 1 }, { $0.trainLabels[8] = 2 },
      { $0.testImages[20] ^= 1 }, { $0.testLabels[8] = 0 },
    ] as [(inout IDXFolder) -> Void] {
      var files = IDXFolder()
      change(&files)
      fingerprints.insert(try files.load(from: TemporaryFolder()).fingerprint)
    }
    #expect(fingerprints.count == 5)
  }

  private func scaled(_ bytes: [Float]) -> [Float] { bytes.map { $0 * (1 / 255) } }

  @Test func scansByRowsAndPixelsInTheFilesOrder() {
    for scan in [Scan.rows, .pixels] {
      let minibatch = dataset.minibatch(.train, indices: [1, 0], scan: scan)
      #expect(minibatch.pixels == scaled([18, 19, 20, 21, 22, 23, 12, 13, 14, 15, 16, 17]))
      #expect(minibatch.labels == [0, 2])
      #expect(minibatch.rows == 2)
    }
  }

  @Test func scansByColumnsFromTheLeft() {
    let minibatch = dataset.minibatch(.validation, indices: [1], scan: .columns)
    #expect(minibatch.pixels == scaled([6, 9, 7, 10, 8, 11]))
  }

  /// Byte times float32(1 / 255), rounded to single precision, by numpy.
  @Test(
    arguments: [
      (1, 0x3B80_8081), (3, 0x3C40_C0C2), (128, 0x3F00_8081), (143, 0x3F0F_8F90),
    ] as [(Int, UInt32)])
  func scalesPixelsLikeNumpy(byte: Int, bits: UInt32) {
    let split: Split = byte < 12 ? .validation : .train
    let index = byte < 12 ? byte / 6 : byte / 6 - 2
    let minibatch = dataset.minibatch(split, indices: [index], scan: .rows)
    #expect(minibatch.pixels[byte % 6].bitPattern == bits)
  }

  @Test(arguments: Scan.allCases, KernelVariant.supported)
  func allKernelsScanTheSame(scan: Scan, variant: KernelVariant) {
    let indices = [21, 0, 7, 7, 20, 3, 11]
    let order = scan.order(height: 2, width: 3)
    let expected = indices.flatMap { index in
      let pixels = Array(dataset.pixels(.train, index))
      return scaled(order.map { Float(pixels[$0]) })
    }
    let minibatch = dataset.minibatch(
      .train, indices: indices, scan: scan, kernels: Kernels(variant))
    #expect(minibatch.pixels == expected)
  }

  @Test func noIndicesGiveAnEmptyMinibatch() {
    #expect(dataset.minibatch(.test, indices: [], scan: .rows).rows == 0)
  }

  @Test func aRepeatedIndexRepeatsTheImage() {
    let minibatch = dataset.minibatch(.test, indices: [3, 3, 3], scan: .rows)
    #expect(minibatch.labels == [1, 1, 1])
    #expect(minibatch.pixels[0..<6] == minibatch.pixels[12..<18])
  }
}
