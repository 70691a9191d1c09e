import Foundation
import TestSupport
import Testing

extension Server {
  /// Starts a worker that is slow enough for an attack to begin and end during the run.
  fileprivate func slowWorker() async throws -> Program {
    let worker = try worker("slow", "--data shapes --slow-down 150")
    try await makesUpdates()
    return worker
  }

  /// Expects that the run ends as undisturbed with a quick worker that joins now. The slow one may
  /// have been disconnected and be searching for the server when the run ends.
  fileprivate func expectUndisturbedEnd(beside slow: Program) async throws {
    let quick = try worker("quick", "--data shapes")
    let end = try await program.end()
    #expect(end.status == 0, "\(end.errors.suffix(2000))")
    #expect(try await model == Training.reference)
    for worker in [slow, quick] { worker.send(SIGKILL) }
  }
}

/// Short forms of the attacks of scripts/robustness/attacks: a peer without a key neither ends the
/// server, nor changes the model, nor fills its log or memory.
@Suite(
  .serialized, .limit(minutes: 5),
  .enabled(if: Command.python(["--version"]).output() != nil, "install python3"))
struct AttackTests {
  /// The greatest size of the standard error of a training, in bytes.
  private static let mostLogBytes = 64 << 10

  @Test(arguments: [
    ("identity", ""), ("endless-frames", "--bytes 100000000"), ("http", ""), ("hellos", ""),
    ("joins", ""), ("strangers", "--connections 100"), ("random", ""), ("large-frames", ""),
    ("resets", ""), ("half-open", "--connections 300"), ("mute", "--connections 300"),
    ("slow-greeting", "--connections 50"),
  ])
  func anAttackLeavesTheTrainingAlone(name: String, options: String) async throws {
    let server = try await Server(hasKeys: true, in: Training.folder())
    let slow = try await server.slowWorker()
    let counts = try await Attack.run(name, "--seconds 2 \(options)", on: server)
    #expect(try #require(counts["connections"] as? Int) > 0)
    try await server.expectUndisturbedEnd(beside: slow)
    let errors = server.program.errors
    #expect(errors.utf8.count < Self.mostLogBytes, "\(errors.prefix(2000))")
  }

  /// Requests beyond the rate reach neither the server nor libzmq.
  @Test func aFloodOfConnectionsHasToWait() async throws {
    let server = try await Server(
      "\(Training.options) --max-connection-rate 10", hasKeys: true, in: Training.folder())
    let slow = try await server.slowWorker()
    let counts = try await Attack.run("half-open", "--seconds 5 --connections 150", on: server)
    // Those of ten and of five seconds, and those that had waited in the queue of the system.
    #expect((100...500).contains(try #require(counts["connections"] as? Int)), "\(counts)")
    try await server.expectUndisturbedEnd(beside: slow)
    let refusals = try server.folder.json("served/report.json")["refusals"] as? [String: Int]
    #expect(try #require(refusals?["flood"]) > 0)
  }

  @Test func aMessageThatNeverEndsUsesLittleMemory() async throws {
    let server = try await Server(Training.endless, hasKeys: true, in: Training.folder())
    let worker = try server.worker("honest")
    try await server.makesUpdates()
    let before = try Attack.peakMemory(of: server.program)
    let counts = try await Attack.run(
      "endless-frames", "--seconds 20 --bytes 300000000", on: server)
    #expect(try #require(counts["bytes_sent"] as? Int) > 0)
    try Attack.expectGrowth(of: server.program, from: before, below: 64)
    server.program.send(SIGTERM)
    #expect(try await server.program.end().status == 143)
    worker.send(SIGKILL)
  }
}

/// Malicious workers and wrong keys; the programs need packages.
@Suite(
  .serialized, .limit(minutes: 3),
  .enabled(
    if: ForeignWorker.interpreter != nil,
    """
    install the packages in scripts/foreign-worker/requirements.txt, or set \
    TRIBUTARY_WORKER_PYTHON to a Python that has them
    """))
struct MaliciousPeerTests {
  private func run(_ script: String, _ options: String, in server: Server) async throws
    -> [String: Any]
  {
    let end = try await Attack.python(
      script, words(options) + ["--json", "--data", server.folder.file("shapes")],
      interpreter: #require(ForeignWorker.interpreter), in: server.folder
    ).end()
    try #require(end.status == 0, "\(end.output)\(end.errors)")
    return try JSON.object(end.output)
  }

  /// The words by which peers reach a server: its invitation, or its endpoint if it has none.
  private func entry(of server: Server) -> String {
    let path = "\(server.run)/invitation"
    return server.folder.exists(path) ? server.folder.file(path) : server.endpoint
  }

  @Test(arguments: [
    "--only orders --only amounts", "--only values --every 8", "--only tensor --every 40",
    "--only header --every 30 --only lengths --every 20",
  ])
  func aMaliciousResultIsNotApplied(cases: String) async throws {
    let server = try await Server(hasKeys: true, in: Training.folder())
    let slow = try await server.slowWorker()
    let summary = try await run(
      "malicious-worker.py", "\(entry(of: server)) --wait 0.2 \(cases)", in: server)
    #expect(try #require(summary["cases"] as? Int) > 0, "\(summary)")
    #expect((summary["applied"] as? [String]) == [], "\(summary)")
    try await server.expectUndisturbedEnd(beside: slow)
  }

  @Test func aPeerWithAWrongKeyIsCountedWithItsReason() async throws {
    let server = try await Server(hasKeys: true, in: Training.folder())
    let slow = try await server.slowWorker()
    let keys = { (command: String) async throws in
      let end = try await ProcessesTests.run(
        "keys \(command) --run \(server.run)", in: server.folder)
      try #require(end.status == 0, "\(end.errors)")
      return end.output.trimmingCharacters(in: .newlines)
    }
    let former = try await keys("invite former")
    let revoked = server.folder.file("revoked")
    try FileManager.default.copyItem(atPath: server.folder.file(former), toPath: revoked)
    _ = try await keys("revoke former")
    let observer = try await keys("invite watcher --role observer")
    let summary = try await run(
      "keyed-peers.py",
      "\(entry(of: server)) --revoked \(revoked) --observer \(observer) --repeat 2", in: server)
    #expect((summary["admitted"] as? [String]) == [], "\(summary)")
    try await server.expectUndisturbedEnd(beside: slow)
    let report = try server.folder.json("\(server.run)/report.json")
    let refusals = try #require(report["refusals"] as? [String: Int])
    for kind in ["handshake", "unknownKey", "revokedKey", "role"] {
      #expect(refusals[kind, default: 0] >= 2, "\(kind): \(refusals)")
    }
  }
}
