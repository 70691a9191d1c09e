import Foundation
import Numerics
import TestSupport
import Testing

/// Workers that crash or stop, at chosen points or at random, do not change the result of a run.
@Suite(.serialized, .limit(minutes: 3))
struct ChaosWorkersTests {
  // MARK: Chosen points

  @Test(arguments: [
    "hello", "grant:7", "load:7", "computed:7", "push:7",
  ])
  func aCrashOfOneOfTwoWorkersChangesNoBit(place: String) async throws {
    let server = try await Server.impatient(in: Training.folder())
    let victim = try server.worker("victim", "--data shapes --crash-at \(place)")
    let survivor = try server.worker("survivor")
    #expect(try await victim.end().status == 128 + SIGKILL)
    try await server.expectUndisturbedEnd(of: [survivor])
  }

  @Test func workersCrashOneAfterTheOtherAtDifferentPoints() async throws {
    let server = try await Server.impatient(in: Training.folder())
    let survivor = try server.worker("survivor")
    for place in ["welcome", "grant:2", "load:3", "computed:2", "push:2"] {
      let victim = try server.worker("victim", "--data shapes --crash-at \(place)")
      let status = try await victim.end().status
      #expect(status == 128 + SIGKILL || !server.program.isRunning, "at \(place)")
    }
    try await server.expectUndisturbedEnd(of: [survivor])
  }

  @Test(arguments: [1, 4])
  func aHangOfOneOfTwoWorkersChangesNoBit(lease: Int) async throws {
    let server = try await Server.impatient(in: Training.folder())
    let victim = try server.worker("victim", "--data shapes --hang-at \(lease)")
    // Slow, so that the run lasts longer than the time after which a hang is detected.
    let survivor = try server.worker("survivor", "--data shapes --slow-down 150")
    let end = try await victim.end()
    #expect(end.status == 75 || end.status == 0, "\(end.errors)")
    let report = try await server.expectUndisturbedEnd(of: [survivor])
    #expect(try #require(report["leases_reissued"] as? Int) > 0)
  }

  // MARK: Random times

  @Test(arguments: 0..<4 as Range<UInt64>)
  func workersAreKilledAndReplacedAtRandom(seed: UInt64) async throws {
    var random = RandomSource(seed: seed, stream: 1)
    let server = try await Server.impatient(in: Training.folder())
    var workers = try (0..<3).map { try server.worker("first-\($0)") }
    for kill in 1...6 where try await server.makes(kill * 70) {
      try await Task.sleep(for: .milliseconds(Int(random.below(30))))
      let victim = Int(random.below(3))
      workers[victim].send(SIGKILL)
      #expect([0, 128 + SIGKILL].contains(try await workers[victim].end().status))
      if server.program.isRunning { workers[victim] = try server.worker("next-\(kill)") }
    }
    for worker in workers { _ = try await worker.end() }
    try await server.expectUndisturbedEnd()
  }

  @Test func allWorkersAreKilledAndReplaced() async throws {
    let server = try await Server.impatient(in: Training.folder())
    for round in 0..<3 {
      let workers = try ["left", "middle", "right"].map { try server.worker("\($0)-\(round)") }
      #expect(try await server.makes(100 * (round + 1)))
      for worker in workers { worker.send(SIGKILL) }
      for worker in workers { #expect(try await worker.end().status == 128 + SIGKILL) }
      try await server.program.prints("worker.count=0")
    }
    let survivors = try [server.worker("survivor"), server.worker("survivor-2")]
    try await server.expectUndisturbedEnd(of: survivors)
  }

  // MARK: Stops

  /// The training waits for the worker, and lasts for seconds, so that it does not end first.
  @Test func aWorkerThatIsStoppedForLongerThanTheTimeoutReturns() async throws {
    let server = try await Server.impatient("--min-workers 2", in: Training.folder())
    let sleeper = try server.worker("sleeper", "--data shapes --slow-down 500")
    let other = try server.worker("other", "--data shapes --slow-down 500")
    for round in 1...3 where try await server.makes(round * 40) {
      sleeper.send(SIGSTOP)
      _ = try await eventually("the eviction of the sleeper: \(server.program.errors)") {
        let evictions =
          server.program.errors.components(separatedBy: "worker.name=sleeper").count - 1
        return evictions >= 2 * round || !server.program.isRunning ? true : nil
      }
      sleeper.send(SIGCONT)
      _ = try await eventually("its return: \(sleeper.errors)") {
        let welcomes = sleeper.errors.components(separatedBy: "joined the server").count - 1
        return welcomes > round || !sleeper.isRunning ? true : nil
      }
    }
    try await server.expectUndisturbedEnd(of: [sleeper, other])
  }

  /// The stop is longer than the timeout of libzmq's own heartbeats.
  @Test func aWorkerThatIsStoppedForLessThanTheTimeoutIsNotEvicted() async throws {
    let server = try await Server(
      Training.options + " --worker-timeout 60", in: Training.folder())
    let sleeper = try server.worker("sleeper")
    let other = try server.worker("other", "--data shapes --slow-down 150")
    try await server.makesUpdates()
    sleeper.send(SIGSTOP)
    try await Task.sleep(for: .seconds(5))
    #expect(server.program.isRunning && !server.program.errors.contains("worker left"))
    sleeper.send(SIGCONT)
    let report = try await server.expectUndisturbedEnd(of: [sleeper, other])
    #expect(report["stale_refused"] as? Int == 0)
  }

  /// A part of a result is in flight when the worker is stopped; the rest arrives after the worker
  /// was evicted and its connection closed. It begins within the announcement, or within the
  /// gradient that follows. The other worker hangs in the middle of the run, so that the run does
  /// not end first.
  @Test(arguments: [350, 1500])
  func theResultOfAStoppedWorkerIsNotApplied(byte: Int) async throws {
    let server = try await Server.impatient(in: Training.folder())
    let stall = Fault.stall(milliseconds: 3000, thenCut: false)
    let proxy = try ChaosProxy(to: server.endpoint, plan: .first(stall, at: byte))
    let sleeper = try Program(
      "worker --connect \(proxy.endpoint) --name sleeper --data shapes --connect-timeout 10",
      in: server.folder)
    _ = try await eventually("a result in flight") { proxy.faults.isEmpty ? nil : true }
    sleeper.send(SIGSTOP)
    try await server.program.prints("worker left")
    let other = try server.worker("other", "--data shapes --hang-at 300")
    try await Task.sleep(for: .milliseconds(3100))
    sleeper.send(SIGCONT)
    _ = try await eventually("its return: \(sleeper.errors)") {
      sleeper.count(of: "joined the server") > 1 ? true : nil
    }
    other.send(SIGKILL)
    let report = try await server.expectUndisturbedEnd(of: [sleeper])
    #expect(try #require(report["leases_reissued"] as? Int) > 0)
  }
}
