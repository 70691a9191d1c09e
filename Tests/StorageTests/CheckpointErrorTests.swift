import Coordination
import Learning
import TestSupport
import Testing

@testable import Storage

/// Files with a valid checksum whose content is not the state of a server.
@Suite struct CheckpointErrorTests {
  /// Returns the error of reading a changed checkpoint; nil if it is valid.
  private func error<Failure: StorageError>(
    _ checkpoint: Checkpoint = .sample(), _ change: (inout Safetensors) -> Void
  ) throws -> Failure? {
    var file = try Safetensors(checkpoint.serialized(), path: "f")
    change(&file)
    let bytes = try Seal.sealed(file, path: "f")
    do {
      _ = try Checkpoint(bytes, path: "f")
      return nil
    } catch let error as Failure {
      return error
    }
  }

  @Test func aFileThatIsOnlySealedAgainIsValid() throws {
    #expect(try error { _ in } == ContentError?.none)
  }

  private static let optional: Set = [
    MetadataField.quarantine, .contributors, .leasesAudited, .resultsDiffering,
  ]

  @Test(arguments: MetadataField.allCases.filter { !optional.contains($0) })
  func everyFieldIsRequired(field: MetadataField) throws {
    #expect(
      try error { $0.metadata[field.rawValue] = nil }
        == ContentError.field(path: "f", field: field.rawValue))
  }

  @Test(arguments: [
    ("format", "tributary-1"), ("image-height", "0"), ("image-height", "65537"),
    ("image-width", "-1"), ("image-width", "four"), ("classes", "0"), ("classes", "257"),
    ("training-samples", "0"), ("training-samples", "4294967297"), ("step", "-1"),
    ("step", "99999999999999999999"), ("is-evaluated", "yes"), ("applied-below", ""),
    ("applied-beyond", "10,9"), ("applied-beyond", "9,9"), ("applied-beyond", "9,,10"),
    ("applied-beyond", "x"), ("samples-applied", "1e3"), ("open-epochs", "1"),
    ("leases-reissued", "18446744073709551615"), ("open-epochs", "1:2:3"),
    ("open-epochs", "1:33,1:33"), ("open-epochs", "x:1"),
    ("quarantine", ""), ("quarantine", "w"), ("quarantine", "w:g"), ("quarantine", "w:1:2"),
    ("quarantine", "w:1,"), ("quarantine", "%ff:1"), ("quarantine", "w:10000000000000000"),
    ("contributors", "w"), ("contributors", "w:0"), ("contributors", "w:10"),
    ("contributors", "w:1,w:2"), ("contributors", "%ff:1"), ("contributors", "w:1:2"),
    ("leases-audited", "-1"), ("leases-audited", ""), ("results-differing", "x"),
  ])
  func malformedValuesAreReportedWithTheirField(field: String, value: String) throws {
    #expect(try error { $0.metadata[field] = value } == ContentError.field(path: "f", field: field))
  }

  @Test func invalidSettingsAreReportedWithTheirKey() throws {
    for (key, value) in [("units", nil), ("mode", "turbo"), ("slices", "11"), ("cake", "yes")] {
      let error: ContentError? = try error { $0.metadata[key] = value }
      guard case .settings("f", let reason) = error else {
        Issue.record("\(key): \(String(describing: error))")
        continue
      }
      #expect(reason.contains(key))
    }
  }

  @Test(arguments: [
    ("step", "8"), ("step", "18446744073709551615"), ("applied-below", "6"),
    ("applied-below", "18446744073709551615"), ("applied-beyond", "9"),
    ("applied-beyond", "9,19"), ("applied-beyond", "9,18446744073709551615"),
    ("applied-beyond", "7,9"), ("applied-beyond", "6,9"),
  ])
  func batchesThatDoNotMatchTheStepAreRejected(field: String, value: String) throws {
    let error: CheckpointError? = try error { $0.metadata[field] = value }
    guard case .batches = error else {
      Issue.record("\(field) \(value): \(String(describing: error))")
      return
    }
  }

  /// With an evaluation at step 10, batch 10 is applied after all batches below it.
  @Test(arguments: [(9, true), (10, true), (3, true), (11, false), (0, false)])
  func noBatchIsAppliedBeforeTheEvaluationThatPrecedesIt(every: Int, isRejected: Bool) throws {
    let error: CheckpointError? = try error { $0.metadata["evaluate-every"] = "\(every)" }
    #expect(error == (isRejected ? .batches(path: "f", applied: 9, step: 9) : nil))
  }

  @Test func aSynchronousRunHasNoBatchOutOfOrder() throws {
    let state = ServerState.sample().with(mode: .sync)
    let checkpoint = Checkpoint(state, height: 4, width: 4, training: 37)
    #expect(
      try error(checkpoint) { _ in } == CheckpointError.batches(path: "f", applied: 9, step: 9))
  }

  @Test(arguments: [
    ("samples-applied", "91"), ("samples-applied", "18446744073709551615"),
    ("epochs-complete", "0"), ("epochs-complete", "18446744073709551615"),
    ("open-epochs", ""), ("open-epochs", "1:33,2:19"), ("open-epochs", "1:33,2:20,4:1"),
    ("applied-beyond", "10,11"), ("training-samples", "38"),
  ])
  func countersThatDoNotMatchTheBatchesAreRejected(field: String, value: String) throws {
    #expect(try error { $0.metadata[field] = value } == CheckpointError.unbalanced(path: "f"))
  }

  /// Every step is an epoch, or several; the counters are checked without counting them.
  @Test(.limit(minutes: 1))
  func aBillionStepsAreCheckedAtOnce() throws {
    let error: CheckpointError? = try error(.sample(.sync)) {
      $0.metadata["length"] = "steps:1000000000"
      $0.metadata["training-samples"] = "1"
      for field in ["step", "applied-below"] { $0.metadata[field] = "999999999" }
    }
    #expect(error == .unbalanced(path: "f"))
  }

  @Test func tensorsMustBeExactlyThoseOfTheModel() throws {
    #expect(
      try error { $0.tensors.removeLast() }
        == ContentError.tensorMissing(path: "f", tensor: "dense/bias/Adam_1"))
    #expect(
      try error { $0.tensors[0].name = "lstm/weights" }
        == ContentError.tensorMissing(path: "f", tensor: "lstm/kernel"))
    #expect(
      try error { $0.tensors.append(.init(name: "more", shape: [], values: [1])) }
        == CheckpointError.extraTensors(path: "f", count: 13, expected: 12))
    #expect(
      try error { $0.tensors[0].shape.reverse() }
        == ContentError.tensorShape(
          path: "f", tensor: "lstm/kernel", shape: [12, 7], expected: [7, 12]))
    #expect(
      try error { $0.metadata["units"] = "4" }
        == ContentError.tensorShape(
          path: "f", tensor: "lstm/kernel", shape: [7, 12], expected: [8, 16]))
  }

  @Test func aModelIsNotACheckpoint() throws {
    let model = Safetensors(tensors: [], metadata: ["format": "tributary-1"])
    let (plain, sealed) = (try model.serialized(), try Seal.sealed(model, path: "f"))
    #expect(throws: ContentError.noChecksum(path: "f")) { try Checkpoint(plain, path: "f") }
    #expect(throws: ContentError.noChecksum(path: "f")) { try Checkpoint([], path: "f") }
    #expect(throws: ContentError.field(path: "f", field: "format")) {
      try Checkpoint(sealed, path: "f")
    }
  }
}
