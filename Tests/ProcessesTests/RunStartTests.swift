import Coordination
import Foundation
import Learning
import Storage
import Testing

@testable import Processes

@Suite struct RunStartTests {
  private static let settings: TrainingSettings = {
    var recipe = Recipe.tutorial
    (recipe.units, recipe.batchSize, recipe.length) = (3, 16, .steps(4))
    return TrainingSettings(recipe: recipe, mode: .sync, seed: 5)
  }()

  private func dataset() throws -> Dataset { try Dataset.load(.generated(trainingImages: 100)) }

  @Test func aNewRunBeginsWithTheRecipesWeightsAndAnEmptyLedger() throws {
    let temporary = try TemporaryFolder()
    let start = try RunStart(Self.settings, in: temporary.file("run"), dataset: dataset())
    let shape = start.state.optimizer.shape
    #expect(start.settings == Self.settings)
    #expect(
      start.state.optimizer.weights
        == Self.settings.recipe.initialWeights(shape: shape, seed: 5))
    #expect(start.state.applied.count == 0 && start.state.audit == Audit())
    #expect(start.state.dataset == (try dataset().fingerprint))
  }

  @Test func aFolderWithARunIsNoPlaceForANewOne() throws {
    let temporary = try TemporaryFolder()
    let path = temporary.file("run")
    do {
      let start = try RunStart(Self.settings, in: path, dataset: dataset())
      try start.checkpoints.write(Checkpoint(start.state, dataset: dataset()))
    }
    let before = try temporary.read("run/checkpoints/step-0.safetensors")
    #expect(throws: RunError.holdsRun(folder: path)) {
      try RunStart(Self.settings, in: path, dataset: dataset())
    }
    #expect(try temporary.read("run/checkpoints/step-0.safetensors") == before)
  }

  @Test func aRunThatDidNotBeginLeavesItsFolderFree() throws {
    let temporary = try TemporaryFolder()
    for _ in 0..<2 {
      _ = try RunStart(Self.settings, in: temporary.file("run"), dataset: dataset())
    }
  }

  @Test func aFolderForCheckpointsThatCannotBeMadeIsAnError() throws {
    let temporary = try TemporaryFolder()
    try temporary.write([], "run/checkpoints")
    let error = #expect(throws: FileError.self) {
      try RunStart(Self.settings, in: temporary.file("run"), dataset: dataset())
    }
    #expect(error?.description.hasPrefix(temporary.file("run/checkpoints: ")) == true)
  }

  // MARK: The lock

  @Test func oneAtATimeWorksInAFolder() throws {
    let temporary = try TemporaryFolder()
    let folder = try RunFolder(temporary.path)
    do {
      let lock = try RunLock(folder)
      #expect(try temporary.text("lock") == "\(getpid())\n")
      for _ in 0..<2 {
        #expect(throws: RunError.inUse(folder: temporary.path, process: getpid())) {
          try RunLock(folder)
        }
      }
      withExtendedLifetime(lock) {}
    }
    _ = try RunLock(folder)
  }

  @Test func whatIsInTheLocksFileDecidesNothing() throws {
    let temporary = try TemporaryFolder()
    try temporary.write(Array("123456789012 of an earlier life\n".utf8), "lock")
    let lock = try RunLock(RunFolder(temporary.path))
    #expect(try temporary.text("lock") == "\(getpid())\n")
    withExtendedLifetime(lock) {}
  }

  @Test func aLockThatCannotBeMadeIsNamed() throws {
    let temporary = try TemporaryFolder()
    try temporary.write([], "lock/in-the-way")
    let error = #expect(throws: FileError.self) { try RunLock(RunFolder(temporary.path)) }
    #expect(error?.description.hasPrefix(temporary.file("lock: making the lock failed")) == true)
  }

  @Test func errorsSayInOneLineWhatToDo() {
    for error in [RunError.holdsRun(folder: "runs/x"), .inUse(folder: "runs/x", process: 7)] {
      #expect(error.description.hasPrefix("runs/x ") && error.description.contains("; "))
    }
  }
}
