import Coordination
import Foundation
import Learning
import Storage
import TestSupport
import Testing

@testable import Processes

@Suite struct RunStartTests {
  private static let settings: TrainingSettings = {
    var recipe = Recipe.tutorial
    (recipe.units, recipe.batchSize, recipe.length) = (3, 16, .steps(4))
    return TrainingSettings(recipe: recipe, mode: .sync, seed: 5)
  }()

  private func dataset() throws -> Dataset { try Dataset.load(.generated(trainingImages: 100)) }

  @Test func aNewRunStartsWithTheRecipesWeightsAndAnEmptyLedger() throws {
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

  @Test func aFolderWithARunIsRefused() throws {
    let temporary = try TemporaryFolder()
    let path = temporary.file("run")
    try begin(in: path)
    let before = try temporary.read("run/checkpoints/step-0.safetensors")
    #expect(throws: RunError.holdsRun(folder: path)) {
      try RunStart(Self.settings, in: path, dataset: dataset())
    }
    #expect(try temporary.read("run/checkpoints/step-0.safetensors") == before)
  }

  @Test func aRunThatDidNotStartLeavesItsFolderFree() throws {
    let temporary = try TemporaryFolder()
    for _ in 0..<2 {
      _ = try RunStart(Self.settings, in: temporary.file("run"), dataset: dataset())
    }
  }

  @Test func aCheckpointFolderThatCannotBeCreatedIsAnError() throws {
    let temporary = try TemporaryFolder()
    try temporary.write([], "run/checkpoints")
    let error = #expect(throws: FileError.self) {
      try RunStart(Self.settings, in: temporary.file("run"), dataset: dataset())
    }
    #expect(error?.description.hasPrefix(temporary.file("run/checkpoints: ")) == true)
  }

  // MARK: Resuming

  /// Creates a run in `folder` with one checkpoint.
  private func begin(in folder: String) throws {
    let start = try RunStart(Self.settings, in: folder, dataset: dataset())
    try start.checkpoints.write(Checkpoint(start.state, dataset: dataset()))
  }

  @Test func aRunResumesFromItsCheckpoint() throws {
    let temporary = try TemporaryFolder()
    try begin(in: temporary.file("run"))
    let start = try RunStart(resuming: temporary.file("run"), dataset: dataset()) {
      Issue.record($0)
    }
    #expect(start.isResumed && start.settings == Self.settings)
    #expect(throws: RunError.inUse(folder: temporary.file("run"), process: getpid())) {
      try RunStart(resuming: temporary.file("run"), dataset: dataset()) { Issue.record($0) }
    }
  }

  /// A descriptor that is closed twice may be that of another file by then.
  @Test func aRefusedLockClosesItsDescriptorOnce() async {
    await #expect(processExitsWith: .success) {
      let temporary = try TemporaryFolder()
      let folder = try RunFolder(temporary.path)
      let lock = try RunLock(folder)
      Thread.detachNewThread {
        while close(open("/dev/null", O_RDONLY)) == 0 {}
        exit(1)
      }
      for _ in 0..<20_000 {
        #expect(throws: RunError.self) { try RunLock(folder) }
      }
      withExtendedLifetime(lock) {}
    }
  }

  @Test func resumingWithoutARunCreatesNone() throws {
    let temporary = try TemporaryFolder()
    let path = temporary.file("run")
    #expect(throws: RunError.noRun(folder: path)) {
      try RunStart(resuming: path, dataset: dataset()) { Issue.record($0) }
    }
    #expect(!temporary.exists("run"))
  }

  @Test func otherDataAreRefused() throws {
    let temporary = try TemporaryFolder()
    try begin(in: temporary.file("run"))
    let other = try Dataset.load(.generated(trainingImages: 101))
    let error = #expect(throws: CheckpointError.self) {
      try RunStart(resuming: temporary.file("run"), dataset: other) { Issue.record($0) }
    }
    let text = error?.description ?? ""
    #expect(try text.contains(other.fingerprint) && text.contains(dataset().fingerprint))
    #expect(text.hasPrefix(temporary.file("run/checkpoints/step-0.safetensors: ")))
  }

  @Test func theLastEndpointIsThatOfTheFileIfItCanBeReused() throws {
    let temporary = try TemporaryFolder()
    let path = temporary.file("run")
    #expect(RunFolder.lastEndpoint(path) == nil)
    for (text, endpoint) in [
      ("tcp://127.0.0.1:7\n", "tcp://127.0.0.1:7"), ("", nil), ("\n", nil),
      ("ipc://\(temporary.path)/s\n", "ipc://\(temporary.path)/s"),
      ("ipc://\(temporary.path)/gone/s\n", nil), ("ipc://here\n", "ipc://here"),
    ] {
      try temporary.write(Array(text.utf8), "run/listen")
      #expect(RunFolder.lastEndpoint(path) == endpoint, "\(text)")
    }
    try temporary.write("tcp://10.0.0.1:7\n".utf8, "run/endpoint")
    try temporary.write([], "run/listen")  // as in a run of an earlier version
    #expect(RunFolder.lastEndpoint(path) == "tcp://10.0.0.1:7")
    try temporary.write("tcp://*:7\n".utf8, "run/listen")
    #expect(RunFolder.lastEndpoint(path) == "tcp://*:7")
    #expect(RunFolder.publishedEndpoints(path) == ["tcp://10.0.0.1:7"])
  }

  @Test func theRecordedDataAreThoseOfTheSettings() throws {
    let temporary = try TemporaryFolder()
    let path = temporary.file("run")
    #expect(RunFolder.recordedData(path) == nil)
    for (text, data) in [
      (#"{"data":"/x/y","units":"4"}"#, "/x/y"), (#"{"units":"4"}"#, nil), ("damaged", nil),
      (#"{"data":4}"#, nil),
    ] {
      try temporary.write(Array(text.utf8), "run/settings.json")
      #expect(RunFolder.recordedData(path) == data, "\(text)")
    }
  }

  // MARK: The lock

  @Test func onlyOneServerUsesAFolder() throws {
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

  @Test func theContentOfTheLockFileDoesNotMatter() throws {
    let temporary = try TemporaryFolder()
    try temporary.write(Array("123456789012 of an earlier server\n".utf8), "lock")
    let lock = try RunLock(RunFolder(temporary.path))
    #expect(try temporary.text("lock") == "\(getpid())\n")
    withExtendedLifetime(lock) {}
  }

  @Test func aLockThatCannotBeCreatedIsNamed() throws {
    let temporary = try TemporaryFolder()
    try temporary.write([], "lock/in-the-way")
    let error = #expect(throws: FileError.self) { try RunLock(RunFolder(temporary.path)) }
    #expect(error?.description.hasPrefix(temporary.file("lock: making the lock failed")) == true)
  }

  @Test func errorsNameTheRemedyInOneLine() {
    for error in [
      RunError.holdsRun(folder: "runs/x"), .inUse(folder: "runs/x", process: 7),
      .noRun(folder: "runs/x"), .complete(folder: "runs/x", steps: 9),
    ] {
      #expect(error.description.hasPrefix("runs/x ") && error.description.contains("; "))
    }
  }
}
