import Coordination
import Foundation
import Logging
import TestSupport
import Testing
import Wire
import ZeroMQ

@testable import Processes

/// A worker process on a thread of the test, which operates its server and its runner.
@Suite(.limit(minutes: 2))
struct WorkerProcessTests {
  @Test func leasesAreComputedInOrderAndTheirResultsPushed() async throws {
    let worker = try RunningWorker()
    let server = worker.server
    guard case .hello(let hello) = try server.receive() else { throw Stub.unexpected }
    #expect(hello.name == "worker")
    try server.send(.welcome(Stub.welcome))
    #expect(try server.receiveEvent() == .ready)
    let leases = (1...3).map { Stub.lease($0) }
    try server.send(.grant(Grant(leases: leases, version: 0)))
    for lease in leases {
      try server.expectPush(of: lease)
    }
    try server.send(.drain(Drain(reason: "the run is complete")))
    guard case .farewell = try server.receiveEvent() else { throw Stub.unexpected }
    #expect(
      try await worker.exit()
        == WorkerExit(
          ending: .completed, patience: .seconds(600), hasJoined: true, signal: nil))
  }

  @Test func weightsAndGradientsTravelInPieces() async throws {
    let worker = try RunningWorker { _ in Stub.EchoingRunner() }
    let (server, welcome) = (worker.server, Stub.welcome(elements: 5))
    try worker.join(welcome)
    let weights = PiecewiseVector([1, 2, 3, 4, 5], limits: welcome.transfers)
    #expect(weights.pieces.count == 3)
    try server.send(.grant(Grant(leases: [Stub.lease(1)], version: 0, hasWeights: true)))
    try server.send(weights)
    guard case .push(let push) = try server.receiveEvent() else { throw Stub.unexpected }
    #expect(push.contributions == [0..<1])
    #expect(push.firstPiece == weights.pieces[0])
    try server.expectHeartbeats(3)
    try server.send(.acknowledgement)
    for (index, values) in weights.pieces.enumerated().dropFirst() {
      let piece = Piece(transfer: 1, index: UInt32(index), values: values)
      #expect(try server.receiveEvent() == .piece(piece))
      // The next piece does not fit into the window before this one is acknowledged.
      try server.expectHeartbeats(3)
      try server.send(.acknowledgement)
    }
    try server.send(.drain(Drain(reason: "the run is complete")))
    #expect(try await worker.exit().ending == .completed)
  }

  @Test func heartbeatsContinueDuringAComputation() async throws {
    let gate = DispatchSemaphore(value: 0)
    let worker = try RunningWorker { progress in
      Stub.Runner { _ in
        progress.advance()
        gate.wait()
      }
    }
    let server = worker.server
    try worker.join()
    try server.send(.grant(Grant(leases: [Stub.lease(1)], version: 0)))
    while try server.receive() != .heartbeat(Heartbeat(progress: 1)) {}
    #expect(try server.receive() == .heartbeat(Heartbeat(progress: 1)))
    gate.signal()
    try server.expectPush(of: Stub.lease(1))
    try server.send(.drain(Drain(reason: "the run is complete")))
    #expect(try await worker.exit().ending == .completed)
  }

  @Test func aRunnerThatFailsEndsTheWorker() async throws {
    let worker = try RunningWorker { _ in
      Stub.Runner { _ in throw Stub.Failure(description: "no memory") }
    }
    try worker.join()
    try worker.server.send(.grant(Grant(leases: [Stub.lease(1), Stub.lease(2)], version: 0)))
    #expect(try worker.server.receiveEvent() == .farewell(Farewell(reason: "no memory")))
    #expect(try await worker.exit().ending == .failed("no memory"))
  }

  @Test func bytesOutsideTheProtocolEndTheWorker() async throws {
    let worker = try RunningWorker()
    _ = try worker.server.receive()
    try worker.server.send([[1, 2, 3]])
    let ending = try await worker.exit().ending
    guard case .failed(let reason) = ending else { return #expect(Bool(false), "\(ending)") }
    #expect(reason.hasPrefix("\(worker.server.endpoint) sent "))
  }

  @Test func aRefusalEndsTheWorker() async throws {
    let worker = try RunningWorker()
    _ = try worker.server.receive()
    try worker.server.send(.refusal(Refusal(reason: .full, detail: "no room")))
    #expect(try await worker.exit().ending == .refused(.full, detail: "no room"))
  }

  @Test func aWorkerWithoutAnAnswerIsUnreachable() async throws {
    let worker = try RunningWorker(connect: .milliseconds(200))
    #expect(try await worker.exit().ending == .unreachable)
  }

  @Test func afterAReconnectAnEarlierLeaseIsNotPushed() async throws {
    let gate = DispatchSemaphore(value: 0)
    let worker = try RunningWorker { _ in
      Stub.Runner { if $0.id.counter == 1 { gate.wait() } }
    }
    let server = worker.server
    try worker.join()
    try server.send(.grant(Grant(leases: [Stub.lease(1)], version: 0)))
    try server.send(.refusal(Refusal(reason: .unknownMember, detail: "restarted")))
    try worker.join()
    gate.signal()
    try server.send(.grant(Grant(leases: [Stub.lease(2)], version: 0)))
    try server.expectPush(of: Stub.lease(2))
    try server.send(.drain(Drain(reason: "the run is complete")))
    #expect(try await worker.exit().ending == .completed)
  }
}

extension RouterPeer {
  /// Receives heartbeats, and nothing else but acknowledgements.
  fileprivate func expectHeartbeats(_ count: Int) throws {
    var left = count
    while left > 0 {
      switch try receive() {
      case .heartbeat: left -= 1
      case .acknowledgement: continue
      case let message: throw Stub.Failure(description: "unexpected: \(message)")
      }
    }
  }

  /// Receives the push of a result without contributions.
  fileprivate func expectPush(of lease: Lease) throws {
    guard case .push(var push) = try receiveEvent() else { throw Stub.unexpected }
    push.computeMicroseconds = 0
    #expect(push == Push(Stub.result(of: lease)))
  }
}

extension Stub {
  /// A message that the test does not expect.
  static let unexpected = Failure(description: "an unexpected message")
}

/// A worker process that runs on a thread, and the server that the test operates.
private final class RunningWorker {
  let server: RouterPeer
  private let exits: AsyncStream<Result<WorkerExit, any Error>>

  init(
    connect: Duration = .seconds(30),
    _ makeRunner: @escaping @Sendable (ComputeProgress) -> any JobRunner = { _ in Stub.Runner() }
  ) throws {
    let context = try Context()
    server = try RouterPeer("inproc://server", context: context)
    let (exits, continuation) = AsyncStream.makeStream(of: Result<WorkerExit, any Error>.self)
    self.exits = exits
    // The worker's signals are blocked on this thread alone.
    Thread.detachNewThread { [endpoint = server.endpoint] in
      continuation.yield(
        Result { try Self.run(endpoint, context, connect: connect, makeRunner) })
    }
  }

  private static func run(
    _ endpoint: String, _ context: Context, connect: Duration,
    _ makeRunner: @escaping @Sendable (ComputeProgress) -> any JobRunner
  ) throws -> WorkerExit {
    var configuration = WorkerProcess.Configuration(
      hello: Hello(name: "worker", incarnation: 1, dataset: "stub"))
    configuration.timing = Timing(connect: connect)
    var worker = try WorkerProcess(
      configuration, connection: ServerConnection(to: .route(endpoint), context: context),
      context: context, signals: SignalDescriptor(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, makeRunner: makeRunner)
    return try worker.run()
  }

  /// Welcomes the worker, up to its ready.
  func join(_ welcome: Welcome = Stub.welcome) throws {
    while true {
      if case .hello = try server.receive() { break }
    }
    try server.send(.welcome(welcome))
    #expect(try server.receiveEvent() == .ready)
  }

  /// The worker's exit, once it has ended.
  func exit() async throws -> WorkerExit {
    for await exit in exits { return try exit.get() }
    throw Stub.unexpected
  }
}
