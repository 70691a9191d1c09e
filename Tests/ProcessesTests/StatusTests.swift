import Foundation
import TestSupport
import Testing

/// `tributary status`: the real programs.
@Suite(.serialized, .limit(minutes: 3))
struct StatusTests {
  /// Returns the state as an object, once `condition` holds.
  private func state(
    _ source: String, in folder: TemporaryFolder,
    when condition: ([String: Any]) -> Bool = { _ in
      true
    }
  ) async throws -> [String: Any] {
    let end = ContinuousClock.now + patience
    while true {
      let result = try await run("status \(source) --json", in: folder)
      try #require(result.status == 0, "\(result.errors)")
      let state = try JSON.object(result.output)
      if condition(state) { return state }
      try #require(ContinuousClock.now < end, "\(state)")
    }
  }

  @Test func theStateComesFromTheServerWithAnyInvitation() async throws {
    let folder = try Training.folder()
    let server = try await Server(
      Training.endless + " --start-with 2", hasKeys: true, in: folder)
    let invite = try await run("keys invite eye --role observer --run served", in: folder)
    #expect(invite.status == 0)
    let sources = ["served", "served/invitation", "served/invitations/eye"]
    for source in sources {
      let waiting = try await state(source, in: folder)
      #expect(waiting["phase"] as? String == "waiting", "\(source): \(waiting)")
      #expect(waiting["workers_needed"] as? Int == 2 && waiting["step"] as? Int == 0)
      #expect(waiting["loss"] == nil)
    }
    let workers = try ["first", "second"].map { try server.worker($0, "--data shapes") }
    for source in sources {
      let training = try await state(source, in: folder) {
        ($0["step"] as? Int).map { $0 > 0 } == true && $0["phase"] as? String == "training"
      }
      #expect(training["workers"] as? Int == 2 && training["workers_ready"] as? Int == 2)
      #expect(training["recipe"] as? String == "v2" && training["mode"] as? String == "sync")
      #expect(training["steps"] as? Int == 100_000_000)
      #expect(training["loss"] is Double && training["staleness_maximum"] as? Int == 0)
    }
    let text = try await run(
      "status", in: folder,
      environment: ["TRIBUTARY_INVITATION": folder.text("served/invitation")])
    #expect(text.status == 0 && text.output.contains("workers     2, 2 ready"), "\(text.errors)")
    for worker in workers { #expect(worker.isRunning) }
    server.program.send(SIGTERM)
    #expect(try await server.program.end().status == 143)
    for worker in workers { worker.send(SIGKILL) }
    let stopped = try await state("served", in: folder)
    #expect(stopped["phase"] as? String == "stopped" && stopped["workers"] as? Int == 0)
    #expect(try #require(stopped["step"] as? Int) > 0)
    #expect(stopped["steps"] as? Int == 100_000_000 && stopped["loss"] is Double)
    let absent = try await run("status served/invitation --connect-timeout 1", in: folder)
    #expect(absent.status == 69 && absent.errors.contains("no answer of "), "\(absent.errors)")
  }

  @Test func aServerWithoutKeysIsAskedByItsEndpoint() async throws {
    let folder = try Training.folder()
    let server = try await Server(Training.endless, in: folder)
    for source in ["served", server.endpoint] {
      #expect(try await state(source, in: folder)["phase"] as? String == "waiting")
    }
    server.program.send(SIGKILL)
    _ = try await server.program.end()
    // Nothing listens at its endpoint any more.
    let crashed = try await state("served", in: folder)
    #expect(crashed["phase"] as? String == "stopped" && crashed["step"] as? Int == 0)
  }

  @Test func aCompleteRunIsDescribedByItsFiles() async throws {
    let folder = try Training.folder()
    let end = try await run("train \(Training.options) --workers 1 --run r", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    let state = try await state("r", in: folder)
    let report = try folder.json("r/report.json")
    #expect(state["phase"] as? String == "complete")
    #expect(state["step"] as? Int == 600 && state["steps"] as? Int == 600)
    #expect(state["samples"] as? Int == report["samples_applied"] as? Int)
    #expect(state["samples_per_second"] as? Double == report["samples_per_second"] as? Double)
    let last = try #require(folder.jsonLines("r/metrics.jsonl").last { $0["step"] as? Int == 600 })
    #expect(last["kind"] as? String == "evaluation")
    let step = try #require(
      folder.jsonLines("r/metrics.jsonl").last { $0["kind"] as? String == "step" })
    #expect(state["loss"] as? Double == step["loss"] as? Double)
    let text = try await run("status r", in: folder)
    #expect(text.output.hasPrefix("phase       complete\nrun         v2, sync\n"))
    #expect(text.output.contains("step        600 of 600 in epoch "))
  }

  @Test func damagedFilesAndWrongSourcesAreNamed() async throws {
    let folder = try Training.folder()
    _ = try folder.write("text".utf8, "file")
    try FileManager.default.createDirectory(
      atPath: folder.file("empty"), withIntermediateDirectories: false)
    for (source, status, text) in [
      ("", 64, "there is no run"), ("empty", 78, "empty holds no run"),
      ("file", 78, "file"), ("missing", 74, "missing: no such file"),
      ("tcp://127.0.0.1:0", 78, "cannot be used"), ("empty --connect-timeout 0", 64, "use 0.1"),
    ] {
      let end = try await run("status \(source)", in: folder)
      #expect(end.status == status && end.errors.contains(text), "\(source): \(end.errors)")
    }
    let steps = Training.options.replacing("--steps 600", with: "--steps 5")
    #expect(try await run("train \(steps) --workers 1 --run r", in: folder).status == 0)
    for (name, content) in [("report.json", "{"), ("metrics.jsonl", "{}\n[1]\n\u{0}")] {
      _ = try folder.write(content.utf8, "r/\(name)")
    }
    let state = try await state("r", in: folder)
    #expect(state["phase"] as? String == "stopped" && state["step"] as? Int == 0)
  }
}
