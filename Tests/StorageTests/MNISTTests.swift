import Foundation
import Learning
import Storage
import TestSupport
import Testing
import Wire

private let folder = ProcessInfo.processInfo.environment["MNIST_DIR"] ?? ""

/// Facts about MNIST, computed with numpy from the published files.
@Suite(.enabled(if: !folder.isEmpty, "set MNIST_DIR to the folder with MNIST's four files"))
struct MNISTTests {
  private static let loaded = Result { try Dataset.load(.folder(folder)) }

  private var dataset: Dataset {
    get throws { try Self.loaded.get() }
  }

  @Test func isRecognisedByItsContent() throws {
    #expect(try dataset.name == "MNIST")
    #expect(
      try dataset.fingerprint == "60000+10000 images of 28x28 in 10 classes, "
        + "crc32c a3957509 67426fdf 16074929 af322062")
  }

  @Test func isSplitLikeInTheNotebooks() throws {
    #expect(try Split.allCases.map(dataset.count) == [55_000, 5_000, 10_000])
  }

  @Test(
    arguments: [
      (.validation, 0, [5, 0, 4, 1, 9, 2, 1, 3]),
      (.train, 0, [7, 3, 4, 6, 1, 8, 1, 0]),
      (.train, 54_996, [3, 5, 6, 8]),
      (.test, 0, [7, 2, 1, 0, 4, 1, 4, 9]),
      (.test, 9_996, [3, 4, 5, 6]),
    ] as [(Split, Int, [UInt8])])
  func hasTheKnownLabels(split: Split, first: Int, labels: [UInt8]) throws {
    let dataset = try dataset
    #expect(labels.indices.map { dataset.label(split, first + $0) } == labels)
  }

  @Test(
    arguments: [
      (.validation, 0, 27_525), (.train, 0, 30_871), (.train, 54_999, 20_920),
      (.test, 0, 18_454), (.test, 9_999, 41_833),
    ] as [(Split, Int, Int)])
  func hasTheKnownImages(split: Split, index: Int, sum: Int) throws {
    #expect(try dataset.pixels(split, index).reduce(0) { $0 + Int($1) } == sum)
  }

  @Test func columnsAreTheTransposeOfRows() throws {
    let rows = try dataset.minibatch(.test, indices: [0, 9_999], scan: .rows)
    let columns = try dataset.minibatch(.test, indices: [0, 9_999], scan: .columns)
    #expect(rows.labels == [7, 6])
    #expect(rows.pixels.count == 2 * 784)
    for place in 0..<784 {
      let (row, column) = place.quotientAndRemainder(dividingBy: 28)
      #expect(rows.pixels[place] == columns.pixels[column * 28 + row])
    }
  }
}
