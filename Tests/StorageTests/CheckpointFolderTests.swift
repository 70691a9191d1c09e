import Coordination
import Foundation
import Learning
import TestSupport
import Testing

@testable import Storage

@Suite struct CheckpointFolderTests {
  private func names(_ steps: UInt64...) -> [String] { steps.map { "step-\($0).safetensors" } }

  @Test func theLatestThreeAreKept() throws {
    let temporary = try TemporaryFolder()
    let folder = try CheckpointFolder(temporary.path)
    for step in [0, 9, 10, 11] as [UInt64] { try folder.write(.at(step: step)) }
    #expect(try temporary.names() == names(10, 11, 9))
    let (latest, path) = try folder.latest { Issue.record($0) }
    #expect(latest.state.optimizer.step == 11)
    #expect(path == temporary.file("step-11.safetensors"))
  }

  @Test func theOldestAreRemovedButNeverTheNewestValidOne() throws {
    let temporary = try TemporaryFolder()
    let folder = try CheckpointFolder(temporary.path)
    for step in [4, 5, 6] as [UInt64] { try folder.write(.at(step: step)) }
    try temporary.write([1, 2, 3], "step-6.safetensors")
    #expect(try folder.removeOldest() == temporary.file("step-4.safetensors"))
    #expect(try folder.removeOldest() == nil)
    #expect(try temporary.names() == names(5, 6))
  }

  @Test func aSingleCheckpointIsNotRemoved() throws {
    let temporary = try TemporaryFolder()
    let folder = try CheckpointFolder(temporary.path)
    #expect(try folder.removeOldest() == nil)
    try folder.write(.at(step: 4))
    #expect(try folder.removeOldest() == nil)
    #expect(try temporary.names() == names(4))
  }

  @Test func aStepWrittenTwiceIsOneFile() throws {
    let temporary = try TemporaryFolder()
    let folder = try CheckpointFolder(temporary.path)
    for isEvaluated in [false, true] {
      let state = Checkpoint.at(step: 5).state.with(isEvaluated: isEvaluated)
      try folder.write(Checkpoint(state, height: 4, width: 4, training: 37))
    }
    #expect(try temporary.names() == names(5))
    #expect(try folder.latest { Issue.record($0) }.checkpoint.state.isEvaluated)
  }

  @Test func damagedCheckpointsAreReportedAndAnOlderOneIsUsed() throws {
    let temporary = try TemporaryFolder()
    let folder = try CheckpointFolder(temporary.path)
    for step in [4, 5, 6] as [UInt64] { try folder.write(.at(step: step)) }
    let valid = try temporary.read("step-6.safetensors")
    try temporary.write(valid.dropLast(100), "step-6.safetensors")
    var flipped = try temporary.read("step-5.safetensors")
    flipped[flipped.count / 2] ^= 4
    try temporary.write(flipped, "step-5.safetensors")
    var errors: [String] = []
    #expect(try folder.latest { errors.append("\($0)") }.checkpoint.state.optimizer.step == 4)
    #expect(errors.count == 2)
    #expect(errors[0].hasPrefix(temporary.file("step-6.safetensors: checksum")), "\(errors)")
    #expect(errors[1].hasPrefix(temporary.file("step-5.safetensors: checksum")), "\(errors)")
  }

  /// A link to itself is a file that the system cannot open, also for root.
  @Test func aCheckpointThatCannotBeReadIsNotPassedOver() throws {
    let temporary = try TemporaryFolder()
    let folder = try CheckpointFolder(temporary.path)
    try folder.write(.at(step: 4))
    let path = temporary.file("step-5.safetensors")
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
    let reason = SystemReason.text(code: ELOOP)
    #expect(throws: FileError.unreadable(path: path, reason: reason)) {
      try folder.latest { Issue.record($0) }
    }
  }

  /// A run that resumes from an older checkpoint keeps its new ones instead of damaged later ones.
  @Test func writingRemovesCheckpointsOfLaterSteps() throws {
    let temporary = try TemporaryFolder()
    let folder = try CheckpointFolder(temporary.path)
    try folder.write(.at(step: 3))
    for step in 16...18 { try temporary.write([1, 2, 3], "step-\(step).safetensors") }
    try folder.write(.at(step: 4))
    #expect(try temporary.names() == names(3, 4))
  }

  @Test func aFolderWithoutAValidCheckpointIsAnError() throws {
    let temporary = try TemporaryFolder()
    let folder = try CheckpointFolder(temporary.path)
    #expect(throws: CheckpointError.none(folder: temporary.path)) {
      try folder.latest { Issue.record($0) }
    }
    try temporary.write([], "step-7.safetensors")
    try FileManager.default.createDirectory(
      atPath: temporary.file("step-8.safetensors"), withIntermediateDirectories: false)
    var errors: [String] = []
    #expect(throws: CheckpointError.none(folder: temporary.path)) {
      try folder.latest { errors.append("\($0)") }
    }
    #expect(errors.count == 2 && errors[0].contains("step-8.safetensors: not a regular file"))
  }

  @Test func otherFilesAreIgnoredAndTemporaryOnesRemoved() throws {
    let temporary = try TemporaryFolder()
    let others = ["step-1.txt", "step-01.safetensors", "step-.safetensors", "model.safetensors"]
    for name in others + [".step-7.safetensors.1234.tmp"] { try temporary.write([1], name) }
    #expect(!CheckpointFolder.holdsAny(temporary.path))
    #expect(!CheckpointFolder.holdsAny(temporary.file("missing")))
    let folder = try CheckpointFolder(temporary.path)
    #expect(try temporary.names() == others.sorted())
    #expect(try folder.steps == [])
    try folder.write(.at(step: 2))
    #expect(CheckpointFolder.holdsAny(temporary.path))
    #expect(try folder.steps == [2])
  }

  @Test func aFailedWriteLeavesTheOtherCheckpointsUnchanged() throws {
    let temporary = try TemporaryFolder()
    let folder = try CheckpointFolder(temporary.path)
    for step in [1, 2, 3] as [UInt64] { try folder.write(.at(step: step)) }
    // A folder of the same name prevents writing the file.
    let inTheWay = temporary.file("step-4.safetensors")
    try FileManager.default.createDirectory(
      atPath: inTheWay + "/content", withIntermediateDirectories: true)
    #expect(throws: FileError.self) { try folder.write(.at(step: 4)) }
    #expect(try temporary.names() == names(1, 2, 3, 4))
    var count = 0
    #expect(try folder.latest { _ in count += 1 }.checkpoint.state.optimizer.step == 3)
    #expect(count == 1)
  }

  @Test func aFolderThatCannotBeCreatedIsNamed() throws {
    let temporary = try TemporaryFolder()
    let path = try temporary.write([1], "file") + "/checkpoints"
    let error = #expect(throws: FileError.self) { try CheckpointFolder(path) }
    #expect(error?.description.hasPrefix(path + ": creating the folder failed") == true)
  }
}
