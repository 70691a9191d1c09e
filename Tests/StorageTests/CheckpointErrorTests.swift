import Coordination
import Learning
import Testing

@testable import Storage

/// Files whose checksum is right and that hold no state for a server all the same.
@Suite struct CheckpointErrorTests {
  private func error(
    _ checkpoint: Checkpoint = .sample(), _ change: (inout Safetensors) -> Void
  ) throws -> CheckpointError? {
    var file = try Safetensors(checkpoint.serialized(), path: "f")
    change(&file)
    let bytes = try Seal.sealed(file, path: "f")
    do {
      _ = try Checkpoint(bytes, path: "f")
      return nil
    } catch let error as CheckpointError {
      return error
    }
  }

  @Test func aFileThatIsOnlySealedAnewIsSound() throws {
    #expect(try error { _ in } == nil)
  }

  @Test(arguments: Checkpoint.Field.allCases)
  func everyFieldIsNeeded(field: Checkpoint.Field) throws {
    #expect(
      try error { $0.metadata[field.rawValue] = nil } == .field(path: "f", field: field.rawValue))
  }

  @Test(arguments: [
    ("format", "tributary-1"), ("image-height", "0"), ("image-height", "65537"),
    ("image-width", "-1"), ("image-width", "four"), ("classes", "0"), ("classes", "257"),
    ("training-samples", "0"), ("training-samples", "4294967297"), ("step", "-1"),
    ("step", "99999999999999999999"), ("is-evaluated", "yes"), ("applied-below", ""),
    ("applied-beyond", "10,9"), ("applied-beyond", "9,9"), ("applied-beyond", "9,,10"),
    ("applied-beyond", "x"), ("samples-applied", "1e3"), ("open-epochs", "1"),
    ("open-epochs", "1:2:3"), ("open-epochs", "1:33,1:33"), ("open-epochs", "x:1"),
  ])
  func valuesThatAreNoneAreNamed(field: String, value: String) throws {
    #expect(try error { $0.metadata[field] = value } == .field(path: "f", field: field))
  }

  @Test func settingsThatAreNotWholeAreNamed() throws {
    for (key, value) in [("units", nil), ("mode", "turbo"), ("slices", "11"), ("cake", "yes")] {
      let error = try error { $0.metadata[key] = value }
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
  func batchesThatDoNotBelongAreFound(field: String, value: String) throws {
    let error = try error { $0.metadata[field] = value }
    guard case .batches = error else {
      Issue.record("\(field) \(value): \(String(describing: error))")
      return
    }
  }

  @Test func aSynchronousRunHasNoBatchBeforeItsTurn() throws {
    let state = ServerState.sample().with(mode: .sync)
    let checkpoint = Checkpoint(state, height: 4, width: 4, training: 37)
    #expect(try error(checkpoint) { _ in } == .batches(path: "f", applied: 9, step: 9))
  }

  @Test(arguments: [
    ("samples-applied", "91"), ("samples-applied", "18446744073709551615"),
    ("epochs-complete", "0"), ("epochs-complete", "18446744073709551615"),
    ("open-epochs", ""), ("open-epochs", "1:33,2:19"), ("open-epochs", "1:33,2:20,4:1"),
    ("applied-beyond", "10,11"), ("training-samples", "38"),
  ])
  func booksThatDoNotAddUpAreFound(field: String, value: String) throws {
    #expect(try error { $0.metadata[field] = value } == .unbalanced(path: "f"))
  }

  @Test func tensorsAreThoseOfTheModelAndNoOthers() throws {
    #expect(
      try error { $0.tensors.removeLast() }
        == .tensorMissing(path: "f", tensor: "dense/bias/Adam_1"))
    #expect(
      try error { $0.tensors[0].name = "lstm/weights" }
        == .tensorMissing(path: "f", tensor: "lstm/kernel"))
    #expect(
      try error { $0.tensors.append(.init(name: "more", shape: [], values: [1])) }
        == .tensorsLeft(path: "f", count: 13, expected: 12))
    #expect(
      try error { $0.tensors[0].shape.reverse() }
        == .tensorShape(
          path: "f", tensor: "lstm/kernel", shape: [12, 7], expected: [7, 12]))
    #expect(
      try error { $0.metadata["units"] = "4" }
        == .tensorShape(path: "f", tensor: "lstm/kernel", shape: [7, 12], expected: [8, 16]))
  }

  @Test func aModelIsNoCheckpoint() throws {
    let model = try Safetensors(tensors: [], metadata: ["format": "tributary-1"]).serialized()
    #expect(throws: CheckpointError.noChecksum(path: "f")) { try Checkpoint(model, path: "f") }
    #expect(throws: CheckpointError.noChecksum(path: "f")) { try Checkpoint([], path: "f") }
  }
}
