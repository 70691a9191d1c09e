import Coordination
import Foundation
import Learning
import Numerics
import TestSupport
import Testing

@testable import Storage

/// Checkpoints to which a run returns without the results of one of its workers.
@Suite struct CheckpointAnchorTests {
  private func names(_ steps: UInt64...) -> Set<String> {
    Set(steps.map { "step-\($0).safetensors" })
  }

  /// Writes a checkpoint for each step, with the contributors up to there.
  private func write(
    _ steps: [UInt64], _ firstSteps: [String: UInt64], others: UInt64? = nil,
    keepsAnchors: Bool = true, in temporary: TemporaryFolder
  ) throws -> CheckpointFolder {
    var folder = try CheckpointFolder(temporary.path)
    folder.keepsAnchors = keepsAnchors
    let contributors = Contributors(firstSteps: firstSteps, firstOfOthers: others)
    for step in steps {
      let state = Checkpoint.at(step: step).state.with(contributors: contributors.upTo(step))
      try folder.write(Checkpoint(state, height: 4, width: 4, training: 37))
    }
    return folder
  }

  @Test func theNewestCheckpointWithoutEachWorkerIsKept() throws {
    let temporary = try TemporaryFolder()
    let steps: [UInt64] = [0, 2, 4, 6, 8, 10, 12, 14, 16]
    _ = try write(steps, ["anna": 1, "bert": 7, "carl": 1], in: temporary)
    #expect(try Set(temporary.names()) == names(0, 6, 12, 14, 16))
  }

  @Test func withoutTheOptionTheLatestThreeAreKept() throws {
    let temporary = try TemporaryFolder()
    _ = try write([0, 2, 4, 6, 8], ["anna": 1], keepsAnchors: false, in: temporary)
    #expect(try Set(temporary.names()) == names(4, 6, 8))
  }

  /// The oldest anchor is without any worker's results, so others may be missing.
  @Test func theNumberOfAnchorsIsBounded() throws {
    let temporary = try TemporaryFolder()
    let steps = Array(0...18 as ClosedRange<UInt64>)
    let firsts = (1...12 as ClosedRange<UInt64>).map { ("worker-\($0)", $0) }
    _ = try write(
      steps, Dictionary(uniqueKeysWithValues: firsts), others: 13, in: temporary)
    #expect(try Set(temporary.names()) == names(0, 10, 11, 12, 16, 17, 18))
  }

  @Test func theNewestValidCheckpointBeforeAStepIsFound() throws {
    let temporary = try TemporaryFolder()
    let folder = try write([4, 7, 9], [:], in: temporary)
    let kernels = Kernels()
    #expect(try folder.newest(before: 9, kernels: kernels)?.state.optimizer.step == 7)
    #expect(try folder.newest(before: 10, kernels: kernels)?.state.optimizer.step == 9)
    #expect(try folder.newest(before: 4, kernels: kernels) == nil)
    try temporary.write([1, 2, 3], "step-7.safetensors")
    #expect(try folder.newest(before: 9, kernels: kernels)?.state.optimizer.step == 4)
  }

  @Test func aReturnRemovesTheLaterCheckpoints() throws {
    let temporary = try TemporaryFolder()
    let folder = try write([0, 7, 8, 9], ["anna": 1], in: temporary)
    let quarantine = [WorkerIncarnation(name: "anna", incarnation: 5)]
    let state = Checkpoint.at(step: 0).state.with(quarantine: quarantine)
    try folder.go(backTo: Checkpoint(state, height: 4, width: 4, training: 37))
    #expect(try Set(temporary.names()) == names(0))
    #expect(try folder.latest { Issue.record($0) }.checkpoint.state.quarantine == quarantine)
  }

  /// A process that is killed between the removals: the next one does not resume from a later step.
  @Test func anInterruptedReturnIsCompleted() throws {
    let temporary = try TemporaryFolder()
    _ = try write([3, 7, 8, 9], ["anna": 4], in: temporary)
    try temporary.write([], ".return-to-3")
    try temporary.write([], ".return-to-x")
    let folder = try CheckpointFolder(temporary.path)
    #expect(try folder.latest { Issue.record($0) }.checkpoint.state.optimizer.step == 3)
    #expect(try Set(temporary.names()).intersection(names(7, 8, 9)).isEmpty)
    #expect(!temporary.exists(".return-to-3"))
  }
}
