import Coordination
import Learning
import TestSupport
import Testing
import Wire

@testable import Storage

@Suite struct CheckpointTests {
  private static let all: [(Mode, Normalization)] = Mode.allCases.flatMap { mode in
    Normalization.allCases.map { (mode, $0) }
  }

  @Test(arguments: all)
  func readsBackToTheBit(mode: Mode, normalization: Normalization) throws {
    let state = ServerState.sample(mode, normalization: normalization)
    let bytes = try Checkpoint(state, height: 4, width: 4, training: 37).serialized()
    let read = try Checkpoint(bytes, path: "f")
    #expect((read.height, read.width, read.training) == (4, 4, 37))
    #expect(read.state.settings == state.settings)
    #expect(read.state.dataset == state.dataset)
    #expect(read.state.applied == state.applied)
    #expect(read.state.audit == state.audit)
    #expect(read.state.isEvaluated == state.isEvaluated)
    let (found, expected) = (read.state.optimizer, state.optimizer)
    #expect(found.shape == expected.shape && found.step == expected.step)
    #expect(bits(found.weights) == bits(expected.weights))
    #expect(bits(found.firstMoment) == bits(expected.firstMoment))
    #expect(bits(found.secondMoment) == bits(expected.secondMoment))
  }

  @Test func theStatesAtBeginningAndEndOfARunReadBack() throws {
    for step in [0, 19] as [UInt64] {
      let read = try Checkpoint(Checkpoint.at(step: step).serialized(), path: "f")
      #expect(read.state.optimizer.step == step && read.state.applied.prefix == step)
      #expect(read.state.isEvaluated)
      #expect(read.state.audit.epochsComplete == (step == 0 ? 0 : 5))
    }
  }

  @Test func theSameStateMakesTheSameBytes() throws {
    let bytes = try Checkpoint.sample().serialized()
    for _ in 0..<10 { #expect(try Checkpoint.sample().serialized() == bytes) }
  }

  @Test func momentsHaveTheNamesOfTensorFlowsSlotsAndAveragesHaveNone() throws {
    let bytes = try Checkpoint.sample(normalization: .batch).serialized()
    let names = try Safetensors(bytes, path: "f").tensors.map(\.name)
    let trainable = [
      "lstm/kernel", "lstm/bias", "batch_normalization/gamma", "batch_normalization/beta",
      "dense/kernel", "dense/bias",
    ]
    let averages = ["batch_normalization/moving_mean", "batch_normalization/moving_variance"]
    #expect(
      names == trainable + averages + trainable.map { $0 + "/Adam" }
        + trainable.map { $0 + "/Adam_1" })
  }

  @Test func theMetadataAreThoseOfTheFormat() throws {
    let metadata = try Safetensors(Checkpoint.sample().serialized(), path: "f").metadata
    #expect(metadata["format"] == "tributary-checkpoint-1")
    #expect(metadata["applied-below"] == "7" && metadata["applied-beyond"] == "9,10")
    #expect(metadata["samples-applied"] == "90" && metadata["open-epochs"] == "1:33,2:20")
    #expect(metadata["step"] == "9" && metadata["is-evaluated"] == "false")
    #expect(metadata["checksum"]?.count == 8)
    let settings = Set(ServerState.sample().settings.pairs.map(\.key))
    #expect(settings.isDisjoint(with: MetadataField.allCases.map(\.rawValue) + [Seal.key]))
    #expect(metadata.count == settings.count + MetadataField.allCases.count - 2)
  }

  /// Checkpoints of earlier versions have no such field; one without quarantine has none either.
  @Test func theQuarantineIsOneLineOfText() throws {
    let quarantine = [
      WorkerIncarnation(name: "worker-0", incarnation: 1),
      WorkerIncarnation(name: "a,b:c %é\n", incarnation: .max),
      WorkerIncarnation(name: "", incarnation: 0xAB),
    ]
    let state = ServerState.sample().with(quarantine: quarantine)
    let bytes = try Checkpoint(state, height: 4, width: 4, training: 37).serialized()
    let text = try Safetensors(bytes, path: "f").metadata["quarantine"]
    #expect(
      text == "worker-0:0000000000000001,a%2Cb%3Ac%20%25%C3%A9%0A:ffffffffffffffff,"
        + ":00000000000000ab")
    #expect(try Checkpoint(bytes, path: "f").state.quarantine == quarantine)
    let empty = try Safetensors(Checkpoint.sample().serialized(), path: "f")
    #expect(empty.metadata["quarantine"] == nil)
  }

  @Test func theContributorsAreOneLineOfText() throws {
    var contributors = Contributors(firstSteps: ["b": 1, "a:,": 1, "c": 9], firstOfOthers: 5)
    let state = ServerState.sample().with(contributors: contributors)
    let bytes = try Checkpoint(state, height: 4, width: 4, training: 37).serialized()
    #expect(try Safetensors(bytes, path: "f").metadata["contributors"] == "a%3A%2C:1,b:1,c:9,:5")
    #expect(try Checkpoint(bytes, path: "f").state.contributors == contributors)
    contributors = Contributors()
    let none = try Checkpoint.sample().serialized()
    #expect(try Safetensors(none, path: "f").metadata["contributors"] == "")
    #expect(try Checkpoint(none, path: "f").state.contributors == contributors)
  }

  /// Any worker may have contributed to a checkpoint of an earlier version.
  @Test func contributorsThatAreNotRecordedAreUnknown() throws {
    var file = try Safetensors(Checkpoint.sample().serialized(), path: "f")
    file.metadata["contributors"] = nil
    let read = try Checkpoint(Seal.sealed(file, path: "f"), path: "f")
    #expect(read.state.contributors == .unknown(steps: 9))
    let initial = try Safetensors(Checkpoint.at(step: 0).serialized(), path: "f")
    #expect(initial.metadata["contributors"] == nil)
  }

  @Test func theCountersOfAuditsAreWrittenIfThereAreAny() throws {
    let state = ServerState.sample()
    var audit = state.audit
    (audit.leasesAudited, audit.resultsDiffering) = (70, 2)
    let bytes = try Checkpoint(state.with(audit: audit), height: 4, width: 4, training: 37)
      .serialized()
    #expect(try Checkpoint(bytes, path: "f").state.audit == audit)
    let metadata = try Safetensors(Checkpoint.sample().serialized(), path: "f").metadata
    #expect(metadata["leases-audited"] == nil && metadata["results-differing"] == nil)
  }

  @Test func writesAndReadsAFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("step-9.safetensors")
    try Checkpoint.sample().write(to: path)
    #expect(try Checkpoint.read(path: path).state.optimizer.step == 9)
    #expect(try folder.names() == ["step-9.safetensors"])
  }

  @Test func otherDataAreRejectedWithBothFingerprints() throws {
    let digits = try Dataset.load(.generated(trainingImages: 100))
    let state = ServerState.sample()
    let error = #expect(throws: CheckpointError.self) {
      try Checkpoint.sample().check(digits, path: "f")
    }
    #expect(
      error == .otherData(path: "f", found: digits.fingerprint, expected: state.dataset))
  }
}
