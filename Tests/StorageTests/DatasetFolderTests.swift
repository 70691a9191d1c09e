import Foundation
import Storage
import TestSupport
import Testing
import Wire

@Suite struct DatasetFolderTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try IDXFolder().write(to: folder)
  }

  private func rename(_ old: String, _ new: String) throws {
    try FileManager.default.moveItem(atPath: folder.file(old), toPath: folder.file(new))
  }

  private func load() throws -> Dataset { try Dataset.load(.folder(folder.path)) }

  @Test(arguments: [
    "train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1",
  ])
  func namesAMissingFileAndTheScriptThatFetchesIt(name: String) throws {
    try FileManager.default.removeItem(atPath: folder.file(name + "-ubyte"))
    let error = #expect(
      throws: DatasetError.missingFile(folder: folder.path, file: name + "-ubyte")
    ) {
      try load()
    }
    #expect(error?.description.contains("scripts/fetch-mnist \(folder.path)") == true)
  }

  @Test func namesAMissingFolder() {
    #expect(throws: DatasetError.noFolder(folder: "/nowhere")) {
      try Dataset.load(.folder("/nowhere"))
    }
  }

  @Test func findsTheFileNamesOfEMNIST() throws {
    try rename("train-images-idx3-ubyte", "emnist-letters-train-images-idx3-ubyte")
    try rename("train-labels-idx1-ubyte", "emnist-letters-train-labels-idx1-ubyte")
    try rename("t10k-images-idx3-ubyte", "emnist-letters-test-images-idx3-ubyte.gz")
    try rename("t10k-labels-idx1-ubyte", "emnist-letters-test-labels-idx1-ubyte")
    #expect(try load().count(.test) == 5)
  }

  @Test func findsNamesWithADot() throws {
    try rename("train-images-idx3-ubyte", "train-images.idx3-ubyte")
    #expect(try load().count(.train) == 22)
  }

  @Test func prefersTheNamesOfMNISTAndPlainFiles() throws {
    try folder.write([], "train-images-idx3-ubyte.gz")
    try folder.write([], "letters-train-images-idx3-ubyte")
    try folder.write([], "t10k-labels-idx1-ubyte.unverified")
    #expect(try load().count(.train) == 22)
  }

  @Test func rejectsTwoCandidatesForOneFile() throws {
    try rename("t10k-images-idx3-ubyte", "digits-test-images-idx3-ubyte")
    try folder.write([], "letters-test-images-idx3-ubyte.gz")
    #expect(
      throws: DatasetError.ambiguousFile(
        folder: folder.path, file: "t10k-images-idx3-ubyte",
        candidates: ["digits-test-images-idx3-ubyte", "letters-test-images-idx3-ubyte.gz"])
    ) {
      try load()
    }
  }

  @Test func takesThePlainFileOfTwoCopies() throws {
    try rename("t10k-images-idx3-ubyte", "digits-test-images-idx3-ubyte")
    try folder.write([], "digits-test-images-idx3-ubyte.gz")
    #expect(try load().count(.test) == 5)
  }
}
