import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite struct FolderTests {
  @Test func createsAFolderAndTheFoldersAboveIt() throws {
    let temporary = try TemporaryFolder()
    for path in ["a/b/c", "a/b/c", "a", "d/"] {
      try Folder.create(temporary.file(path))
      #expect(Folder.exists(temporary.file(path)))
    }
    #expect(try Folder.names(temporary.path).sorted() == ["a", "d"])
  }

  @Test func aFileInThePathIsAnErrorWithTheReasonOfTheSystem() throws {
    let temporary = try TemporaryFolder()
    let file = try temporary.write([1], "file")
    for (path, reason) in [
      (file, "File exists"), (file + "/a", "Not a directory"), (file + "/a/b", "Not a directory"),
    ] {
      #expect(
        throws: FileError.unwritable(
          path: path, operation: "creating the folder", reason: reason)
      ) {
        try Folder.create(path)
      }
    }
    #expect(!Folder.exists(file))
  }

  @Test func listingFailsWithTheReasonOfTheSystem() throws {
    let temporary = try TemporaryFolder()
    let file = try temporary.write([1], "file")
    #expect(throws: FileError.unreadable(path: file, reason: "Not a directory")) {
      try Folder.names(file)
    }
    let missing = temporary.file("missing")
    #expect(throws: FileError.unreadable(path: missing, reason: "No such file or directory")) {
      try Folder.names(missing)
    }
  }
}
