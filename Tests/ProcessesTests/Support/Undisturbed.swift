import Foundation
import TestSupport
import Testing

/// Expects that the run of ``Training/options`` in a folder ended as if nothing had happened to it:
/// with the model of the undisturbed one, and each sample in it as often as there were epochs.
///
/// - Returns: the report.
@discardableResult
func expectUndisturbed(
  _ folder: TemporaryFolder, run: String = "served"
) async throws -> [String: Any] {
  #expect(try await folder.read("\(run)/model.safetensors") == Training.reference)
  let report = try folder.json("\(run)/report.json")
  #expect(report["outcome"] as? String == "completed")
  let samples = 600 * 20
  let expected = [
    "steps": 600, "samples_applied": samples, "epoch_size": 88, "epochs_complete": samples / 88,
    "open_epoch_samples": samples % 88,
  ]
  for (key, value) in expected { #expect(report[key] as? Int == value, "\(key)") }
  #expect(report["ledger_balanced"] as? Bool == true)
  return report
}

/// Expects that all processes of a training end, if they have not.
func expectNobodyIsLeft(of endpoint: String) async throws {
  _ = try await eventually("the end of all of \(endpoint)") {
    processes(mentioning: endpoint).isEmpty ? true : nil
  }
}

extension Server {
  /// A server whose workers count as lost after a second, and whose state is written down often.
  static func alert(
    _ listen: String = "tcp://127.0.0.1:0", in folder: TemporaryFolder
  ) async throws -> Server {
    try await Server(
      Training.options + " --worker-timeout 1 --checkpoint-every 25", listen: listen, in: folder)
  }

  /// The server that goes on with the run of this one, which is gone, at the same place.
  func successor() async throws -> Server {
    let program = try Program(
      "server --resume \(run) --data shapes --verbose --worker-timeout 1 --checkpoint-every 25",
      in: folder)
    return try await Server(program, run: run, in: folder)
  }

  /// Waits until the server has made that many updates, rounded down to tens; false if it has ended
  /// before.
  func makes(_ updates: Int) async throws -> Bool {
    try await eventually("\(updates) updates: \(program.errors)") {
      let lines = program.errors.components(separatedBy: "Minibatch loss=").count - 1
      return lines >= updates / 10 ? true : program.isRunning ? nil : false
    }
  }

  /// Expects that the run ends as if it had not been disturbed, that these workers are sent home,
  /// and that nobody is left.
  ///
  /// - Parameter mayBeAway: whether a worker may look for the server at the end and not find it.
  @discardableResult
  func expectUndisturbedEnd(
    of workers: [Program] = [], mayBeAway: Bool = false
  ) async throws -> [String: Any] {
    let end = try await program.end()
    #expect(end.status == 0, "\(end.errors)")
    for worker in workers {
      let end = try await worker.end()
      #expect(end.status == 0 || end.status == 69 && mayBeAway, "\(end.errors)")
    }
    try await expectNobodyIsLeft(of: endpoint)
    return try await expectUndisturbed(folder, run: run)
  }
}
