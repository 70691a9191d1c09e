import Foundation
import Storage
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  @Test(arguments: [0, 1, 4_096, 1_000_001])
  func writesAllBytes(count: Int) throws {
    let folder = try TemporaryFolder()
    let bytes = [UInt8](repeating: 0xA5, count: count)
    try AtomicFile.write(bytes, to: folder.file("f"))
    #expect(try folder.read("f") == Data(bytes))
  }

  @Test func replacesTheContentAndLeavesNoOtherFile() throws {
    let folder = try TemporaryFolder()
    try folder.write([1, 2, 3], "f")
    try AtomicFile.write([4], to: folder.file("f"))
    #expect(try folder.read("f") == Data([4]))
    #expect(try folder.names() == ["f"])
  }

  @Test func writesARelativePathInTheWorkingFolder() throws {
    let name = "tributary-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: name) }
    try AtomicFile.write([7], to: name)
    #expect(FileManager.default.contents(atPath: name) == Data([7]))
  }

  @Test func aFailedWriteKeepsTheOldFileAndRemovesTheTemporaryOne() throws {
    let folder = try TemporaryFolder()
    let inTheWay = folder.file("f")
    try FileManager.default.createDirectory(
      atPath: inTheWay + "/content", withIntermediateDirectories: true)
    #expect(
      throws: FileError.unwritable(
        path: inTheWay, operation: "renaming the temporary file", reason: "Is a directory")
    ) {
      try AtomicFile.write([1], to: inTheWay)
    }
    #expect(try folder.names() == ["f"])
  }

  @Test func namesAMissingFolder() {
    let error = #expect(throws: FileError.self) {
      try AtomicFile.write([1], to: "/nowhere/at/all/f")
    }
    #expect(
      error?.description
        == "/nowhere/at/all/f: creating a temporary file in its folder failed (No such file or "
        + "directory); check the folder, its permissions and the free space of the disk")
  }

  @Test func readersNeverSeeAPartOfAFile() async throws {
    let folder = try TemporaryFolder()
    let path = folder.file("f")
    let contents = (0..<8).map { [UInt8](repeating: UInt8($0), count: 100_000) }
    try AtomicFile.write(contents[0], to: path)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for content in contents { try? AtomicFile.write(content, to: path) }
      }
      group.addTask {
        for _ in 0..<200 {
          let seen = try? InputFile.read(path: path, limit: 1 << 20)
          #expect(seen.map { $0.count == 100_000 && $0.first == $0.last } == true)
        }
      }
    }
  }
}
