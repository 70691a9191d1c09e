import Foundation
import Storage
import TestSupport
import Testing

@testable import Processes

@Suite struct PrivateFolderTests {
  private let parent: TemporaryFolder

  init() throws { parent = try TemporaryFolder() }

  private func makeFolder(_ name: String, mode: mode_t = 0o700) -> String {
    let path = parent.file(name)
    #expect(mkdir(path, mode) == 0)
    return path
  }

  @Test func itIsForThisUserOnlyAndRemovedWithItsSocket() throws {
    let folder = try PrivateFolder()
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.path)
    #expect(attributes[.posixPermissions] as? Int == 0o700)
    #expect(folder.socket.utf8.count <= 107)
    try Data([1]).write(to: URL(fileURLWithPath: folder.socket))
    folder.remove()
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func twoFoldersHaveDifferentPaths() throws {
    let folders = try [PrivateFolder(in: parent.path), PrivateFolder(in: parent.path)]
    #expect(folders[0].path != folders[1].path)
    for folder in folders { #expect(FileManager.default.fileExists(atPath: folder.path)) }
  }

  @Test func abandonedFoldersAreRemoved() throws {
    let empty = makeFolder("tributary-ipc-5")
    let full = makeFolder("tributary-ipc-4294967295")
    try Data([1]).write(to: URL(fileURLWithPath: full + "/server"))
    let own = try PrivateFolder(in: parent.path)
    for path in [empty, full] { #expect(!FileManager.default.fileExists(atPath: path)) }
    #expect(FileManager.default.fileExists(atPath: own.path))
  }

  @Test func aFolderThatAnyProcessHoldsStays() throws {
    var first: PrivateFolder? = try PrivateFolder(in: parent.path)
    let path = try #require(first?.path)
    var second = PrivateFolder(sharing: path)
    #expect(second != nil)
    first = nil
    _ = try PrivateFolder(in: parent.path)
    #expect(FileManager.default.fileExists(atPath: path))
    second = nil
    _ = try PrivateFolder(in: parent.path)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func onlyPrivateFoldersWithExactNamesAreRemoved() throws {
    let names = [
      "tributary-5", "tributary-ipc-", "tributary-ipc-05", "tributary-ipc-x", "tributary-ipc--1",
      "tributary-ipc-5-old", "tributary-ipc-4294967296", "my-tributary-ipc-5",
    ]
    let folders = names.map { makeFolder($0) } + [makeFolder("tributary-ipc-6", mode: 0o755)]
    let target = makeFolder("target")
    let link = parent.file("tributary-ipc-7")
    #expect(symlink(target, link) == 0)
    let file = try parent.write([1], "tributary-ipc-8")
    let other = try parent.write([1], "tributary-ipc-9/other")
    #expect(chmod(parent.file("tributary-ipc-9"), 0o700) == 0)
    _ = try PrivateFolder(in: parent.path)
    for path in folders + [target, link, file, other] {
      #expect(FileManager.default.fileExists(atPath: path), "\(path)")
    }
  }

  @Test func aFolderThatIsGoneCannotBeShared() {
    #expect(PrivateFolder(sharing: parent.file("gone")) == nil)
  }

  @Test func aParentThatIsMissingIsAnError() {
    let path = parent.file("missing")
    #expect {
      _ = try PrivateFolder(in: path)
    } throws: { error in
      (error as? FileError)?.description.hasPrefix(path + ": creating a private folder") == true
    }
  }
}
