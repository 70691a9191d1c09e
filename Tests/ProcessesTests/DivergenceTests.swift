import Coordination
import Foundation
import Numerics
import TestSupport
import Testing
import Wire

/// Gradients that are not finite are never applied, and end the run if there are no others.
@Suite(.serialized, .limit(minutes: 2))
struct DivergenceTests {
  @Test(arguments: ["sync", "async"])
  func aLearningRateThatIsTooLargeEndsTheRun(mode: String) async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train \(Training.options) --mode \(mode) --learning-rate 1e38 --run run", in: folder)
    #expect(end.status == 70, "\(end.errors)")
    #expect(
      end.errorLines.contains {
        $0.contains("diverged at step") && $0.contains("--learning-rate")
      }, "\(end.errors)")
    // The learning rate is no fault of a machine.
    #expect(!end.errors.contains("check this machine") && !end.errors.contains("quarantine"))
    #expect(end.errors.contains("result is not finite, the server computes its work"))
    let report = try folder.json("run/report.json")
    #expect(report["outcome"] as? String == "diverged")
    #expect(report["test_accuracy"] == nil)
  }

  @Test func aLoneWorkerCannotEndARunWithNaN() async throws {
    let server = try await Server(in: Training.folder())
    let fingerprint = try await HostileTests.fingerprint()
    let client = try poisoner(of: server, fingerprint: fingerprint)
    #expect(try !poison(with: client).isEmpty)
    #expect(client.refusal == .quarantined)
    let worker = try server.worker("honest")
    let end = try await server.program.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(end.errors.contains("worker.name=poisoner"), "\(end.errors)")
    #expect(try await worker.end().status == 0)
    #expect(try await server.model == Training.reference)
  }

  @Test func aWorkerThatSendsNaNIsQuarantinedAndChangesNoBit() async throws {
    let fingerprint = try await HostileTests.fingerprint()
    let server = try await Server(in: Training.folder())
    // The run does not end before the attack, however late that is.
    let first = try server.worker("first", "--data shapes --hang-at 300")
    try await server.makesUpdates()
    let client = try poisoner(of: server, fingerprint: fingerprint)
    #expect(try !poison(with: client).isEmpty)
    #expect(client.refusal == .quarantined)
    first.send(SIGKILL)
    let worker = try server.worker("honest")
    let end = try await server.program.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(end.errors.contains("it contains NaN"))
    #expect(end.errors.contains("worker.name=poisoner"))
    #expect(try await worker.end().status == 0)
    #expect(try await server.model == Training.reference)
  }

  /// Returns a member that is ready for leases.
  private func poisoner(of server: Server, fingerprint: String) throws -> Client {
    let client = try Client(server.endpoint)
    try client.send(.hello(Hello(name: "poisoner", incarnation: 9, dataset: fingerprint)))
    _ = try client.receive { if case .welcome = $0 { true } else { nil } }
    try client.send(.ready)
    return client
  }

  /// Answers every lease with a gradient that is valid except for one NaN, until the server refuses
  /// more or ends the run.
  ///
  /// - Returns: the work of the leases, in order.
  private func poison(with client: Client) throws -> [Work] {
    var works: [Work] = []
    while true {
      let leases = try client.receive { message -> [Lease]? in
        switch message {
        case .grant(let grant): grant.leases.isEmpty ? nil : grant.leases
        case .refusal, .drain: []
        default: nil
        }
      }
      guard !leases.isEmpty else { return works }
      for lease in leases {
        works.append(lease.work)
        try client.send(Self.poisoned(lease, client.layoutCount))
      }
    }
  }

  private static func poisoned(_ lease: Lease, _ width: Int) -> LeaseResult {
    guard case .train(_, let slices) = lease.work else {
      return LeaseResult(id: lease.id, version: lease.version, sums: [])
    }
    let sums = slices.map { slice in
      let size = 20 * (slice + 1) / 7 - 20 * slice / 7  // of seven slices of a batch of 20
      return SampleSums(lossSum: 1, correct: 0, count: UInt64(size))
    }
    let gradient = [Float](repeating: 0, count: width - 1) + [.nan]
    let cover = ReductionTree(leaves: 7).cover(Int(slices.lowerBound)..<Int(slices.upperBound))
    return LeaseResult(
      id: lease.id, version: lease.version, sums: sums,
      contributions: cover.map { node in
        Contribution(
          slices: UInt32(node.lowerBound)..<UInt32(node.upperBound),
          values: PiecewiseVector(gradient))
      })
  }
}
