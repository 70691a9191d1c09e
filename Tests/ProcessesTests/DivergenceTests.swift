import Coordination
import Foundation
import Numerics
import TestSupport
import Testing
import Wire

/// Gradients that are not finite are never applied, and end the run if there are no others.
@Suite(.serialized, .timeLimit(.minutes(2)))
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
    let report = try folder.json("run/report.json")
    #expect(report["outcome"] as? String == "diverged")
    #expect(report["test_accuracy"] == nil)
  }

  @Test func aWorkerThatSendsNaNIsQuarantinedAndChangesNoBit() async throws {
    let fingerprint = try await HostileTests.fingerprint()
    let server = try await Server(in: Training.folder())
    let worker = try server.worker("honest")
    try await server.makesUpdates()
    worker.send(SIGSTOP)
    let client = try Client(server.endpoint)
    try client.send(.hello(Hello(name: "poisoner", incarnation: 9, dataset: fingerprint)))
    let layout = try client.receive {
      if case .welcome(let welcome) = $0 { welcome.layout } else { nil }
    }
    let width = layout.reduce(0) { $0 + Int($1.shape.reduce(1, *)) }
    try client.send(.ready)
    worker.send(SIGCONT)
    try poison(with: client, width: width)
    let end = try await server.program.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(end.errors.contains("it contains NaN"))
    #expect(end.errors.contains("worker.name=poisoner"))
    #expect(try await worker.end().status == 0)
    #expect(try await server.model == Training.reference)
  }

  /// Answers every lease with a gradient that is valid except for one NaN, until the server refuses
  /// more.
  private func poison(with client: Client, width: Int) throws {
    while true {
      let leases = try client.receive { message -> [Lease]? in
        switch message {
        case .grant(let grant): grant.leases.isEmpty ? nil : grant.leases
        case .refusal, .drain: []
        default: nil
        }
      }
      guard !leases.isEmpty else { return }
      for lease in leases { try client.send(.push(Push(result: Self.poisoned(lease, width)))) }
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
          values: EncodedTensor(float32: gradient, shape: [width]))
      })
  }
}
