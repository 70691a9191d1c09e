import Coordination
import Dispatch
import Foundation
import Learning
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Processes

@Suite(.limit(minutes: 1))
struct CheckpointWriterTests {
  /// A disk that waits for permission to write.
  private final class SlowDisk: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let begun = DispatchSemaphore(value: 0)
    private let steps = Mutex<[UInt64]>([])

    var written: [UInt64] { steps.withLock { $0 } }

    func write(_ state: ServerState) -> String {
      begun.signal()
      gate.wait()
      steps.withLock { $0.append(state.optimizer.step) }
      return "file"
    }

    func waitForBegin() { begun.wait() }
    func letWrite(_ count: Int) { for _ in 0..<count { gate.signal() } }
  }

  /// Returns the state of a small run after this many updates.
  private func state(_ step: UInt64) -> ServerState {
    var recipe = Recipe.tutorial
    recipe.units = 2
    let settings = TrainingSettings(recipe: recipe, mode: .sync, seed: 1)
    let shape = ModelShape(recipe: recipe, height: 4, width: 4, classes: 2)
    let weights = recipe.initialWeights(shape: shape, seed: 1)
    let zeros = [Float](repeating: 0, count: weights.count)
    var audit = Audit()
    audit.record(positions: 0..<step * UInt64(recipe.batchSize), epochSize: 10_000)
    return ServerState(
      settings: settings, dataset: "d",
      optimizer: Optimizer(
        shape: shape, weights: weights, firstMoment: zeros, secondMoment: zeros, step: step),
      applied: AppliedBatches(prefix: step, beyond: []), audit: audit, isEvaluated: true)
  }

  private func write(_ state: ServerState, in folder: String) throws -> String {
    try CheckpointFolder(folder).write(
      Checkpoint(state, height: 4, width: 4, training: 10_000))
  }

  @Test func puttingDoesNotWaitAndOnlyTheNewestIsQueued() {
    let disk = SlowDisk()
    let writer = CheckpointWriter(disk.write)
    writer.put(state(1))
    disk.waitForBegin()
    for step in 2...9 as ClosedRange<UInt64> { writer.put(state(step)) }
    #expect(disk.written == [], "nothing is written yet")
    disk.letWrite(2)
    writer.finish()
    #expect(disk.written == [1, 9])
    #expect(
      writer.takeOutcomes()
        == [
          .written(step: 1, isEvaluated: true, path: "file"),
          .written(step: 9, isEvaluated: true, path: "file"),
        ])
    #expect(writer.takeOutcomes() == [])
  }

  @Test func finishingWithNothingToWriteReturns() {
    let writer = CheckpointWriter { _ in "file" }
    writer.finish()
    #expect(writer.takeOutcomes() == [])
  }

  @Test func aStateIsStoredAfterFinishing() throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.file("checkpoints")
    let writer = CheckpointWriter { try self.write($0, in: folder) }
    writer.put(state(3))
    writer.finish()
    let path = folder + "/step-3.safetensors"
    #expect(writer.takeOutcomes() == [.written(step: 3, isEvaluated: true, path: path)])
    #expect(try Checkpoint.read(path: path).state.optimizer.step == 3)
  }

  /// A file in the place of the folder makes writes fail, also for root.
  @Test func aFailureIsReportedAndTheNextStateIsWritten() throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.file("checkpoints")
    let writer = CheckpointWriter { try self.write($0, in: folder) }
    try temporary.write([], "checkpoints")
    writer.put(state(1))
    writer.finish()
    let outcomes = writer.takeOutcomes()
    guard case .failed(step: 1, true, let reason) = outcomes.first, outcomes.count == 1 else {
      Issue.record("\(outcomes)")
      return
    }
    #expect(outcomes[0].summary == (version: 1, isEvaluated: true, succeeded: false))
    #expect(reason.hasPrefix(folder + ": creating the folder failed"), "\(reason)")
    try temporary.remove("checkpoints")
    writer.put(state(2))
    writer.finish()
    let path = folder + "/step-2.safetensors"
    #expect(writer.takeOutcomes() == [.written(step: 2, isEvaluated: true, path: path)])
  }
}
