import Foundation
import Storage
import TestSupport
import Testing

@testable import Processes

@Suite struct FolderTests {
  @Test func aRunFolderIsCreatedWithItsParentsAndMayExist() throws {
    let temporary = try TemporaryFolder()
    let path = temporary.file("a/b/run")
    let folder = try RunFolder(path)
    #expect(try RunFolder(path).path == folder.path)
    try folder.write("tcp://127.0.0.1:5\n", to: folder.endpoint)
    #expect(try temporary.text("a/b/run/endpoint") == "tcp://127.0.0.1:5\n")
  }

  @Test func aRunFolderThatCannotBeCreatedIsAnError() throws {
    let temporary = try TemporaryFolder()
    let path = try temporary.write([1], "file") + "/run"
    #expect {
      _ = try RunFolder(path)
    } throws: { error in
      (error as? FileError)?.description.hasPrefix(path + ": creating the folder failed") == true
    }
  }
}
