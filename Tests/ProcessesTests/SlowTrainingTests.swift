import Foundation
import TestSupport
import Testing

/// Recipe v1 over links on which a tensor takes longer than the time limit for silence.
@Suite(.limit(minutes: 3))
struct SlowTrainingTests {
  private static let options =
    "--data generated:400 --recipe v1 --evaluate-every 0 --final-evaluation none"
  /// The bytes of the weights, and of a gradient.
  private static let tensor = 326_696

  @Test func v1ThroughFortyKilobytesPerSecondMakesSteadyUpdates() async throws {
    let rate = 40_000
    // A piece takes 3.3 s; the timeout leaves time for a busy machine.
    let server = try await Server(
      "\(Self.options) --steps 3 --worker-timeout 20", in: TemporaryFolder())
    let link = try SlowLink(to: server.endpoint, bytesPerSecond: rate)
    let worker = try Self.worker(link, in: server.folder)
    let end = try await server.program.end(within: .seconds(150))
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await worker.end().status == 0, "\(worker.errors)")
    // A worker that connects late may also have probed the endpoint with another connection.
    let joins = end.errors.components(separatedBy: "worker joined").count - 1
    #expect(joins == 1, "\(end.errors)")
    #expect(try Self.updates(of: server).count == 3)
  }

  @Test func cutsAndKillsOnASlowLinkCostNoBit() async throws {
    let folder = try TemporaryFolder()
    let options = "\(Self.options) --steps 6"
    let reference = try await run("train \(options) --workers 1 --run reference", in: folder)
    #expect(reference.status == 0, "\(reference.errors)")
    // A tensor takes 1.6 s.
    let server = try await Server("\(options) --worker-timeout 1", in: folder)
    let link = try SlowLink(to: server.endpoint, bytesPerSecond: 200_000)
    let first = try Self.worker(link, "--crash-at computed:5", in: folder)
    // Within a transfer of weights, of a gradient, and of weights again.
    for (down, up) in [(0.5, 0), (1.5, 0.5), (3.3, 0)] as [(Double, Double)] {
      _ = try await eventually("\(down), \(up)") { () -> Bool? in
        let tensor = Double(Self.tensor)
        return Double(link.bytesDown) > down * tensor && Double(link.bytesUp) > up * tensor
          ? true : nil
      }
      link.cut()
    }
    #expect(try await first.end(within: .seconds(120)).status == 137)
    let worker = try Self.worker(link, in: folder)
    let end = try await server.program.end(within: .seconds(120))
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await worker.end().status == 0, "\(worker.errors)")
    #expect(try server.model == folder.read("reference/model.safetensors"))
  }

  private static func worker(
    _ link: SlowLink, _ options: String = "", in folder: TemporaryFolder
  ) throws -> Program {
    try Program(
      "worker --data generated:400 --connect \(link.endpoint) --name slow \(options)", in: folder)
  }

  /// The times of a run's updates in seconds.
  private static func updates(of server: Server) throws -> [Double] {
    try server.folder.text("\(server.run)/metrics.jsonl").split(separator: "\n").compactMap {
      line in
      let fields = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return fields?["kind"] as? String == "step" ? fields?["seconds"] as? Double : nil
    }
  }
}
