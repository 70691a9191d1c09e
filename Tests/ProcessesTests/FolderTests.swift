import Foundation
import Storage
import Testing

@testable import Processes

@Suite struct FolderTests {
  @Test func aPrivateFolderIsForThisUserOnlyAndIsRemovedWithItsContent() throws {
    let folder = try PrivateFolder()
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.path)
    #expect(attributes[.posixPermissions] as? Int == 0o700)
    #expect((folder.path + "/server").utf8.count <= 107)
    try Data([1]).write(to: URL(fileURLWithPath: folder.path + "/server"))
    folder.remove()
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func twoPrivateFoldersDiffer() throws {
    let folders = try [PrivateFolder(), PrivateFolder()]
    defer { for folder in folders { folder.remove() } }
    #expect(folders[0].path != folders[1].path)
  }

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
      (error as? FileError)?.description.hasPrefix(path + ": making the folder failed") == true
    }
  }
}
