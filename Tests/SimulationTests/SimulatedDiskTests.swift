import Coordination
import Learning
import Testing

@testable import Simulation

@Suite struct SimulatedDiskTests {
  private func disk(usesBytes: Bool) throws -> SimulatedDisk {
    var scenario = Scenario(seed: 1, mode: .sync)
    scenario.usesBytes = usesBytes
    return try SimulatedDisk(scenario, random: SplitMix64(seed: 1, stream: 1))
  }

  /// Returns the state after a number of updates.
  private func state(_ step: UInt64) -> ServerState {
    let initial = Scenario(seed: 1, mode: .sync).initialState
    var (optimizer, applied, audit) = (initial.optimizer, AppliedBatches(), Audit())
    let plan = Scenario(seed: 1, mode: .sync).model.plan
    for batch in 0..<step {
      let ones = [Float](repeating: 1, count: optimizer.weights.count)
      _ = optimizer.apply(contribution: ones, learningRate: 0.1, clip: .none)
      applied.insert(batch)
      audit.record(
        positions: plan.positions(batch: batch), epochSize: UInt64(plan.sampleCount))
    }
    return ServerState(
      settings: initial.settings, dataset: initial.dataset, optimizer: optimizer,
      applied: applied, audit: audit, isEvaluated: true)
  }

  @Test(arguments: [false, true])
  func theNewestWrittenStateIsReadBack(usesBytes: Bool) throws {
    var disk = try disk(usesBytes: usesBytes)
    #expect(try disk.latest()?.optimizer.step == 0)
    _ = disk.put(state(2))
    #expect(try disk.latest()?.optimizer.step == 0)
    _ = try disk.flush()
    let found = try #require(try disk.latest())
    #expect(found.optimizer.stateDigest == state(2).optimizer.stateDigest)
    #expect(found.applied == state(2).applied && found.audit == state(2).audit)
  }

  @Test func onlyTheNewestQueuedStateIsWritten() throws {
    var disk = try disk(usesBytes: false)
    #expect((1...3).map { disk.put(state($0)) } == [true, false, false])
    let first = try disk.finishWriting()
    #expect(first?.version == 1 && disk.isWriting && disk.steps == [0, 1])
    let second = try disk.finishWriting()
    #expect(second?.version == 3 && !disk.isWriting && disk.steps == [0, 1, 3])
    let third = try disk.finishWriting()
    #expect(third == nil)
  }

  @Test func aFailedWriteKeepsTheFormerCheckpoints() throws {
    var disk = try disk(usesBytes: false)
    disk.failures = 1
    _ = disk.put(state(1))
    let first = try disk.finishWriting()
    #expect(first?.version == 1 && first?.isWritten == false && disk.steps == [0])
    _ = disk.put(state(2))
    let second = try disk.flush()
    #expect(second.count == 1 && second[0].isWritten && disk.steps == [0, 2])
  }

  @Test func theLastThreeCheckpointsAreKeptAndLaterStepsRemoved() throws {
    var disk = try disk(usesBytes: false)
    for step: UInt64 in 1...3 {
      _ = disk.put(state(step))
      _ = try disk.flush()
    }
    #expect(disk.steps == [1, 2, 3])
    _ = disk.put(state(2))
    _ = try disk.flush()
    #expect(disk.steps == [1, 2])
  }

  @Test(arguments: [false, true])
  func afterATornCheckpointThePreviousOneIsRead(usesBytes: Bool) throws {
    var disk = try disk(usesBytes: usesBytes)
    _ = disk.put(state(1))
    _ = try disk.flush()
    try disk.crash(isTorn: true)
    #expect(try disk.latest()?.optimizer.step == 0)
    _ = disk.put(state(2))
    try disk.crash(isTorn: true)
    #expect(try disk.latest()?.optimizer.step == 0)
    try disk.crash(isTorn: true)
    #expect(try disk.latest()?.optimizer.step == 0)
  }

  @Test func pendingWritesAreLostInACrash() throws {
    var disk = try disk(usesBytes: false)
    _ = disk.put(state(1))
    _ = disk.put(state(2))
    try disk.crash(isTorn: false)
    let isBegun = disk.put(state(3))
    #expect(disk.steps == [0] && isBegun)
  }

  @Test func theOnlyReadableCheckpointIsNotTorn() throws {
    var disk = try disk(usesBytes: true)
    for _ in 0..<10 { try disk.crash(isTorn: true) }
    #expect(try disk.latest()?.optimizer.step == 0)
  }
}
