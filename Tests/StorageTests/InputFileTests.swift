import Storage
import TestSupport
import Testing

@Suite struct InputFileTests {
  @Test func readsAWholeFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1, 2, 3], "f")
    #expect(try InputFile.read(path: path, limit: 3) == [1, 2, 3])
  }

  @Test func readsAnEmptyFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([], "f")
    #expect(try InputFile.read(path: path, limit: 3) == [])
  }

  @Test func rejectsAFileOverTheLimit() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1, 2, 3], "f")
    #expect(throws: FileError.tooLarge(path: path, size: 3, limit: 2)) {
      try InputFile.read(path: path, limit: 2)
    }
  }

  @Test func namesAMissingFile() {
    #expect(throws: FileError.notFound(path: "/nowhere/f")) {
      try InputFile.read(path: "/nowhere/f", limit: 10)
    }
  }

  @Test func rejectsAFolderAndADevice() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError.notRegular(path: folder.path)) {
      try InputFile.read(path: folder.path, limit: 10)
    }
    #expect(throws: FileError.notRegular(path: "/dev/zero")) {
      try InputFile.read(path: "/dev/zero", limit: 10)
    }
  }

  @Test func reportsTheReasonOfTheSystem() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1], "f") + "/below"
    #expect(throws: FileError.unreadable(path: path, reason: "Not a directory")) {
      try InputFile.read(path: path, limit: 10)
    }
  }
}
