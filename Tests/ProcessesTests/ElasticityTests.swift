import Foundation
import TestSupport
import Testing

/// Workers that join, leave, crash or stall during a synchronous training do not change its result.
@Suite(.serialized, .limit(minutes: 2))
struct ElasticityTests {
  private func expectReference(_ server: Server, workers: Int) async throws {
    let end = try await server.program.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await server.model == Training.reference)
    let report = try server.folder.json("served/report.json")
    #expect(report["outcome"] as? String == "completed")
    #expect(report["workers"] as? Int == workers)
  }

  @Test(arguments: ["tcp://127.0.0.1:0", "ipc://server.socket"])
  func workersStartedByHandComputeTheSameModelAsTrain(endpoint: String) async throws {
    let server = try await Server(listen: endpoint, in: Training.folder())
    #expect(server.program.errors.contains("server.endpoint=\(server.endpoint)"))
    let workers = try [server.worker("left"), server.worker("right")]
    for worker in workers {
      let end = try await worker.end()
      #expect(end.status == 0, "\(end.errors)")
    }
    try await expectReference(server, workers: 2)
    for name in ["left", "right"] {
      try await server.program.prints("reason=the run is complete")
      #expect(server.program.errors.contains("worker.name=\(name)"))
    }
  }

  @Test func aWorkerThatJoinsLateIsUsedAndChangesNoBit() async throws {
    let server = try await Server(in: Training.folder())
    let workers = try [server.worker("first"), server.worker("second")]
    try await server.makesUpdates()
    for worker in workers { worker.send(SIGSTOP) }
    let third = try server.worker("third")
    try await server.program.prints("worker.name=third")
    #expect(!server.program.errors.contains("reason=the run is complete"))
    for worker in workers { worker.send(SIGCONT) }
    try await expectReference(server, workers: 3)
    #expect(try await third.end().status == 0)
    let metrics = try server.folder.jsonLines("served/metrics.jsonl")
    #expect(metrics.contains { $0["workers"] as? Int == 3 })
  }

  @Test func aStragglerChangesNoBit() async throws {
    let server = try await Server(in: Training.folder())
    let workers = try [
      server.worker("quick", "--data shapes"), server.worker("slow", "--data shapes --slow-down 3"),
    ]
    for worker in workers { #expect(try await worker.end().status == 0) }
    try await expectReference(server, workers: 2)
  }

  @Test func aWorkerThatIsKilledChangesNoBit() async throws {
    let server = try await Server(Training.options + " --start-with 2", in: Training.folder())
    // It kills itself, so that the run cannot end before.
    let victim = try server.worker("victim", "--data shapes --crash-at push:10")
    let survivor = try server.worker("survivor", "--data shapes")
    try await expectReference(server, workers: 2)
    #expect(try await victim.end().status == 128 + SIGKILL)
    #expect(try await survivor.end().status == 0)
    #expect(server.program.errors.contains("worker.count=1  worker.name=victim"))
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func aWorkerThatASignalStopsLeavesTheRestToTheOthers(signal: Int32) async throws {
    let server = try await Server(in: Training.folder())
    let quitter = try server.worker("quitter")
    try await server.makesUpdates()
    quitter.send(signal)
    let end = try await quitter.end()
    #expect(end.status == 128 + signal)
    #expect(!end.errors.contains("rror"))
    try await server.program.prints("worker.count=0  worker.name=quitter")
    let other = try server.worker("other")
    try await expectReference(server, workers: 1)
    #expect(try await other.end().status == 0)
  }

  @Test func aWorkerThatIsStoppedLongerThanTheSilenceLimitJoinsAgain() async throws {
    let server = try await Server(in: Training.folder())
    let sleeper = try server.worker("sleeper")
    try await server.makesUpdates()
    sleeper.send(SIGSTOP)
    try await server.program.prints("worker left")
    sleeper.send(SIGCONT)
    try await expectReference(server, workers: 1)
    #expect(try await sleeper.end().status == 0)
    #expect(sleeper.errors.components(separatedBy: "joined the server").count == 3)
  }

  @Test func aServerWaitsForItsFirstWorker() async throws {
    let server = try await Server(in: Training.folder())
    try await server.program.prints("waiting for workers")
    let worker = try server.worker("only")
    try await expectReference(server, workers: 1)
    #expect(try await worker.end().status == 0)
  }

  @Test func aWorkerWaitsForItsServer() async throws {
    let folder = try Training.folder()
    let endpoint = "ipc://\(folder.file("socket"))"
    let worker = try Program("worker --connect \(endpoint) --data shapes --name early", in: folder)
    let server = try await Server(listen: endpoint, in: folder)
    try await expectReference(server, workers: 1)
    #expect(try await worker.end().status == 0)
  }
}
