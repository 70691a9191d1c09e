import Foundation
import Storage
import TestSupport
import Testing

@testable import Processes

@Suite struct NewRunFolderTests {
  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  /// Creates the folders that a server creates before its run begins.
  private func start(_ path: String) throws {
    let folder = try RunFolder(path)
    _ = try RunLock(folder)
    _ = try CheckpointFolder(folder.checkpoints)
  }

  @Test func allFoldersOfAStartAreRemoved() throws {
    let new = NewRunFolder(temporary.file("a/b/run"))
    try start(new.path)
    new.removeUnlessBegun()
    #expect(!temporary.exists("a"))
    #expect(temporary.exists(""))
  }

  @Test func aFolderThatWasNotCreatedIsNotCreated() {
    NewRunFolder(temporary.file("a/run")).removeUnlessBegun()
    #expect(!temporary.exists("a"))
  }

  @Test func foldersThatExistedStay() throws {
    try start(temporary.file("a/run"))
    let new = NewRunFolder(temporary.file("a/run"))
    new.removeUnlessBegun()
    #expect(temporary.exists("a/run/lock") && temporary.exists("a/run/checkpoints"))
  }

  @Test func anEmptyFolderThatExistedIsEmptyAgain() throws {
    #expect(mkdir(temporary.file("run"), 0o777) == 0)
    let new = NewRunFolder(temporary.file("run"))
    try start(new.path)
    new.removeUnlessBegun()
    #expect(try FileManager.default.contentsOfDirectory(atPath: new.path).isEmpty)
  }

  @Test func aRunThatHasBegunStays() throws {
    let new = NewRunFolder(temporary.file("a/run"))
    try start(new.path)
    try temporary.write([1], "a/run/checkpoints/step-0.safetensors")
    new.removeUnlessBegun()
    #expect(temporary.exists("a/run/checkpoints/step-0.safetensors"))
    #expect(temporary.exists("a/run/lock"))
  }

  @Test func aFolderInUseStays() throws {
    let new = NewRunFolder(temporary.file("a/run"))
    try start(new.path)
    let lock = try RunLock(RunFolder(new.path))
    new.removeUnlessBegun()
    #expect(temporary.exists("a/run/checkpoints"))
    withExtendedLifetime(lock) {}
  }

  @Test func otherFilesStay() throws {
    let new = NewRunFolder(temporary.file("a/run"))
    try start(new.path)
    try temporary.write([1], "a/run/notes")
    new.removeUnlessBegun()
    #expect(temporary.exists("a/run/notes"))
  }
}
