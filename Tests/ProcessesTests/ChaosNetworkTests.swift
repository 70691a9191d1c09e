import Foundation
import TestSupport
import Testing

/// Faults of the network and silent connections change no bit of the result and block no run.
@Suite(.serialized, .limit(minutes: 3))
struct ChaosNetworkTests {
  private func worker(_ name: String, _ proxy: ChaosProxy, _ server: Server) throws -> Program {
    try Program(
      "worker --connect \(proxy.endpoint) --name \(name) --data shapes --slow-down 16"
        + " --connect-timeout 10", in: server.folder)
  }

  // MARK: Faults

  /// The fault occurs on each of the first connections, after some of its results.
  @Test(arguments: [
    Fault.cut, .truncate, .delay(milliseconds: 300), .stall(milliseconds: 300, thenCut: false),
    .stall(milliseconds: 1500, thenCut: false), .stall(milliseconds: 300, thenCut: true),
  ])
  func aFaultOfEachConnectionChangesNoBit(fault: Fault) async throws {
    let server = try await Server.impatient(in: Training.folder())
    let plan = FaultPlan { $0 < 4 ? [(byte: 3000 * ($0 + 1), fault: fault)] : [] }
    let proxy = try ChaosProxy(to: server.endpoint, plan: plan)
    let workers = try [worker("left", proxy, server), worker("right", proxy, server)]
    try await server.expectUndisturbedEnd(of: workers, mayBeReconnecting: true)
    #expect(proxy.faults.contains(fault))
  }

  @Test func resultsThatArriveTwiceAreAppliedOnce() async throws {
    let server = try await Server.impatient(in: Training.folder())
    let plan = FaultPlan { _ in (1...20).map { (byte: 2000 * $0, fault: .duplicate) } }
    let proxy = try ChaosProxy(to: server.endpoint, plan: plan)
    let workers = try [worker("left", proxy, server), worker("right", proxy, server)]
    let report = try await server.expectUndisturbedEnd(of: workers)
    #expect(proxy.faults.contains(.duplicate))
    #expect(try #require(report["duplicates_refused"] as? Int) > 0)
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func randomFaultsChangeNoBit(seed: UInt64) async throws {
    let server = try await Server.impatient(in: Training.folder())
    let plan = FaultPlan.seeded(seed, connections: 6, bytes: 200_000, longestMilliseconds: 1500)
    let proxy = try ChaosProxy(to: server.endpoint, plan: plan)
    let workers = try ["left", "middle", "right"].map { try worker($0, proxy, server) }
    try await server.expectUndisturbedEnd(of: workers, mayBeReconnecting: true)
    #expect(!proxy.faults.isEmpty)
  }

  @Test func aServerThatIsKilledBehindAFaultyProxyIsResumed() async throws {
    let first = try await Server.impatient(in: Training.folder())
    let plan = FaultPlan.seeded(9, connections: 6, bytes: 200_000)
    let proxy = try ChaosProxy(to: first.endpoint, plan: plan)
    let workers = try [worker("left", proxy, first), worker("right", proxy, first)]
    #expect(try await first.makes(150))
    first.program.send(SIGKILL)
    #expect(try await first.program.end().status == 128 + SIGKILL)
    try await first.successor().expectUndisturbedEnd(of: workers, mayBeReconnecting: true)
  }

  // MARK: Silent connections

  @Test func connectionsThatNeverSendDoNotBlockTheRun() async throws {
    let server = try await Server.impatient(in: Training.folder())
    let silent = try (0..<50).map { _ in try RawConnection(server.endpoint) }
    let worker = try server.worker("only")
    try await server.makesUpdates()
    let more = try (0..<50).map { _ in try RawConnection(server.endpoint) }
    // Half of a handshake: the beginning of ZeroMQ's greeting.
    for connection in more {
      connection.write([0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3])
    }
    try await server.expectUndisturbedEnd(of: [worker])
    withExtendedLifetime((silent, more)) {}
  }

  @Test func aConnectionThatIsLostWithoutBeingClosedIsDetected() async throws {
    let server = try await Server.impatient(in: Training.folder())
    let proxy = try ChaosProxy(to: server.endpoint)
    let victim = try worker("victim", proxy, server)
    try await server.makesUpdates()
    proxy.isStalled = true  // like an unplugged cable: nothing arrives or is closed
    victim.send(SIGKILL)
    #expect(try await victim.end().status == 128 + SIGKILL)
    try await server.program.prints("worker left")
    try await server.expectUndisturbedEnd(of: [server.worker("survivor")])
  }

  // MARK: Start

  @Test(arguments: ["tcp", "ipc"])
  func workersMayStartBeforeTheirServer(transport: String) async throws {
    let folder = try Training.folder()
    let (listener, port) = try Loopback.listen()
    close(listener)
    let endpoint =
      transport == "tcp" ? "tcp://127.0.0.1:\(port)" : "ipc://\(folder.file("server.socket"))"
    let workers = try ["left", "right"].map {
      try Program("worker --connect \(endpoint) --data shapes --name \($0)", in: folder)
    }
    try await Task.sleep(for: .milliseconds(500))
    try await Server.impatient(listen: endpoint, in: folder).expectUndisturbedEnd(of: workers)
  }

  @Test func aWorkerThatJoinsLateIsAccepted() async throws {
    let server = try await Server.impatient(in: Training.folder())
    let early = try server.worker("early", "--data shapes --slow-down 40")
    #expect(try await server.makes(300))
    let late = try server.worker("late")
    try await server.expectUndisturbedEnd(of: [early, late])
    #expect(server.program.errors.contains("worker.name=late"))
  }

  @Test func twentyTrainingsAtOnceDoNotDisturbEachOther() async throws {
    let options = Training.options.replacing("--steps 600", with: "--steps 40")
    let folder = try Training.folder()
    let trainings = try (0..<20).map {
      try Program("train \(options) --workers 2 --run run-\($0)", in: folder)
    }
    for training in trainings {
      let end = try await training.end(within: .seconds(150))
      #expect(end.status == 0, "\(end.errors)")
    }
    let models = try (0..<20).map { try folder.read("run-\($0)/model.safetensors") }
    #expect(Set(models).count == 1)
    for number in 0..<20 {
      let endpoint = try folder.text("run-\(number)/endpoint").trimmingCharacters(in: .newlines)
      #expect(processes(mentioning: endpoint).isEmpty)
    }
  }
}
