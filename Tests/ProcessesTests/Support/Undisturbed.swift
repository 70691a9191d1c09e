import Foundation
import TestSupport
import Testing

/// Expects that a run of ``Training/options`` has the result of an undisturbed run: the same model,
/// and each sample applied once per epoch.
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

/// Waits until no process of a training is left.
func waitForExit(ofProcessesOf endpoint: String) async throws {
  _ = try await eventually("the end of the processes of \(endpoint)") {
    processes(mentioning: endpoint).isEmpty ? true : nil
  }
}

extension Server {
  /// Starts a server that evicts silent workers after a second and often writes a checkpoint.
  static func impatient(
    _ options: String = "", listen: String = "tcp://127.0.0.1:0", in folder: TemporaryFolder
  ) async throws -> Server {
    try await Server(
      Training.options + " --worker-timeout 1 --checkpoint-every 25 " + options, listen: listen,
      in: folder)
  }

  /// Starts the next server after this one has ended; it resumes the run at the same endpoint.
  func successor() async throws -> Server {
    let program = try Program(
      "server --resume \(run) --data shapes --insecure --verbose --worker-timeout 1"
        + " --checkpoint-every 25", in: folder)
    return try await Server(program, run: run, in: folder)
  }

  /// Waits until the server has made this many updates, rounded down to tens; returns false if it
  /// ends before.
  func makes(_ updates: Int) async throws -> Bool {
    try await eventually("\(updates) updates: \(program.errors)") {
      let lines = program.errors.components(separatedBy: "Minibatch loss=").count - 1
      return lines >= updates / 10 ? true : program.isRunning ? nil : false
    }
  }

  /// Expects that the run ends with the result of an undisturbed run, that these workers complete,
  /// and that no process is left.
  ///
  /// - Parameter mayBeReconnecting: whether a worker may be reconnecting when the server ends, and
  ///   exit with 69 since it does not find the server.
  @discardableResult
  func expectUndisturbedEnd(
    of workers: [Program] = [], mayBeReconnecting: Bool = false
  ) async throws -> [String: Any] {
    let end = try await program.end()
    #expect(end.status == 0, "\(end.errors)")
    for worker in workers {
      let end = try await worker.end()
      #expect(end.status == 0 || end.status == 69 && mayBeReconnecting, "\(end.errors)")
    }
    try await waitForExit(ofProcessesOf: endpoint)
    return try await expectUndisturbed(folder, run: run)
  }
}
