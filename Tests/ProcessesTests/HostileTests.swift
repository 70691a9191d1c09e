import Foundation
import Numerics
import TestSupport
import Testing
import Wire

/// Hostile or broken input on the port of a server or a worker: the server continues, and the
/// result is the same.
@Suite(.serialized, .limit(minutes: 2))
struct HostileTests {
  /// Runs a training and executes `attack` twice: before its only worker starts, and during the
  /// run.
  private func attack(
    on listen: String = "tcp://127.0.0.1:0", _ attack: (String) throws -> Void
  ) async throws -> Server {
    let server = try await Server(listen: listen, in: Training.folder())
    try attack(server.endpoint)
    // The run does not end before the second attack, however late that is.
    let first = try server.worker("first", "--data shapes --hang-at 300")
    try await server.makesUpdates()
    try attack(server.endpoint)
    first.send(SIGKILL)
    let worker = try server.worker("honest")
    let end = try await server.program.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await worker.end().status == 0)
    #expect(try await server.model == Training.reference)
    return server
  }

  @Test func bytesThatAreNotZeroMQChangeNothing() async throws {
    _ = try await attack { endpoint in
      for bytes in Self.garbage { try RawConnection(endpoint).write(bytes) }
    }
  }

  @Test func aConnectionThatStaysHalfOpenChangesNothing() async throws {
    let server = try await Server(in: Training.folder())
    let silent = try RawConnection(server.endpoint)
    let halfway = try RawConnection(server.endpoint)
    halfway.write(Array(Self.greeting.prefix(20)))
    let worker = try server.worker("honest")
    let end = try await server.program.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await worker.end().status == 0)
    #expect(try await server.model == Training.reference)
    silent.write([0])
    halfway.write([0])
  }

  @Test func framesThatAreNotAMessageAreLoggedAndEndTheConnection() async throws {
    let server = try await attack { endpoint in
      // As many at a time as may have no session.
      for start in stride(from: 0, to: Self.wrongFrames.count, by: 32) {
        let clients = try Self.wrongFrames.dropFirst(start).prefix(32).map { frames in
          let client = try Client(endpoint)
          try client.send(frames)
          return client
        }
        for client in clients { try client.waitForTheEnd() }
      }
    }
    #expect(server.program.errors.contains("warning: message ignored"))
    let refusals = try server.folder.json("served/report.json")["refusals"] as? [String: Int]
    #expect(refusals?["malformed"] == 2 * Self.wrongFrames.count)
  }

  @Test func linesAboutStrangersAreLimited() async throws {
    let server = try await attack { endpoint in
      for _ in 0..<1500 { try RawConnection(endpoint).write(Self.garbage[0]) }
    }
    let lines = server.program.errors.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
    #expect(lines.count < 200, "\(lines.count) lines")
    #expect(lines.contains { $0.contains("kind=handshake") }, "\(lines)")
  }

  @Test(arguments: [
    [[UInt8]](repeating: [1, 2, 3], count: 5000), [[UInt8](repeating: 7, count: 150_000)],
  ])
  func aMessageOfManyFramesOrMuchTextEndsTheConnection(frames: [[UInt8]]) async throws {
    let server = try await attack { endpoint in
      let client = try Client(endpoint)
      try client.send(frames)
      try client.waitForTheEnd()
    }
    #expect(server.program.errors.contains("message ignored"))
  }

  @Test func aFrameBeyondTheLimitClosesTheConnection() async throws {
    _ = try await attack { endpoint in
      try Client(endpoint).send([[UInt8](repeating: 7, count: 3 << 20)])
    }
  }

  @Test func messagesOutOfTurnAreRefused() async throws {
    _ = try await attack { endpoint in
      let id = LeaseID(incarnation: 1, counter: 1)
      for message: Message in [
        .ready, .push(Push(id: id, version: 0, sums: [SampleSums()])),
        .drain(Drain(reason: "go")), .grant(Grant(version: 3)), .acknowledgement,
        .piece(Piece(transfer: 1, index: 0, values: EncodedTensor(float32: [1], shape: [1]))),
      ] {
        let client = try Client(endpoint)
        try client.send(message)
        let reason = try client.receive { if case .refusal(let it) = $0 { it.reason } else { nil } }
        #expect(reason == .unknownMember)
      }
    }
  }

  @Test func aResultWithoutALeaseIsRejected() async throws {
    let folder = try Training.folder()
    let fingerprint = try await Self.fingerprint()
    let server = try await Server(in: folder)
    let client = try Client(server.endpoint)
    try client.send(.hello(Hello(name: "liar", incarnation: 7, dataset: fingerprint)))
    let incarnation = try client.receive {
      if case .welcome(let welcome) = $0 { welcome.incarnation } else { nil }
    }
    for counter in [0, 1, UInt64.max] {
      let id = LeaseID(incarnation: incarnation, counter: counter)
      let sums = [SampleSums(lossSum: 1, correct: 1, count: 1)]
      try client.send(.push(Push(id: id, version: 0, sums: sums)))
      let refused = try client.receive { message -> Bool? in
        switch message {
        case .grant(let grant): grant.verdict.map { $0.verdict != .applied }
        case .refusal: true
        default: nil
        }
      }
      #expect(refused)
    }
    let worker = try server.worker("honest")
    #expect(try await server.program.end().status == 0)
    #expect(try await worker.end().status == 0)
    #expect(try await server.model == Training.reference)
  }

  @Test func aNameCannotControlTheTerminalOrAddALine() async throws {
    let server = try await attack { endpoint in
      let client = try Client(endpoint)
      let name = "evil\u{1B}[2J\nall is well\u{202E}"
      try client.send(.hello(Hello(name: name, incarnation: 1, dataset: "other")))
      _ = try client.receive { if case .refusal = $0 { true } else { nil } }
    }
    #expect(server.program.errors.contains("peer.name=evil?[2J?all is well?"))
    #expect(!server.program.errors.contains("\u{1B}"))
  }

  // MARK: A worker's input

  @Test func aServerThatSendsGarbageEndsTheWorker() async throws {
    let folder = try Training.folder()
    let server = try FakeServer(in: folder)
    let worker = try Program(
      "worker --data shapes --connect \(server.endpoint) --name victim", in: folder)
    let (peer, message) = try server.receive()
    guard case .hello(let hello) = message else { return #expect(Bool(false), "\(message)") }
    #expect(hello.name == "victim")
    try server.send([[1, 2, 3]], to: peer)
    let end = try await worker.end()
    #expect(end.status == 65 && end.errorLines.count == 1, "\(end.errors)")
    #expect(
      end.errors.hasPrefix("tributary: \(server.endpoint) sent a message that"), "\(end.errors)")
  }

  @Test func aLaunchedWorkerThatIsLateForTheRunEndsWithoutAnError() async throws {
    let folder = try Training.folder()
    let server = try FakeServer(in: folder)
    let options = "worker --data shapes --connect \(server.endpoint)"
    let refusal = Message.refusal(Refusal(reason: .finished, detail: "this run is complete"))
    for (flag, status) in [("--end-with-input", 0 as Int32), ("--quiet", 75)] {
      let worker = try Program("\(options) \(flag)", in: folder)
      try server.send(refusal.encoded(), to: server.receive().peer)
      let end = try await worker.end()
      #expect(end.status == status && end.errors.isEmpty == (status == 0), "\(end.errors)")
    }
  }

  @Test func aWorkerStopsAtTheEndOfItsLaunchersPipe() async throws {
    let folder = try Training.folder()
    let server = try FakeServer(in: folder)
    let worker = try Program(
      "worker --data shapes --connect \(server.endpoint) --end-with-input", in: folder)
    _ = try server.receive()
    worker.closeInput()
    #expect(try await worker.end().status == 0)
  }
}

extension HostileTests {
  static let stranger = Hello(name: "stranger", incarnation: 1, dataset: "something else")

  /// The greeting of a valid ZeroMQ connection.
  static let greeting: [UInt8] =
    [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("NULL".utf8)
    + [UInt8](repeating: 0, count: 48)

  static let garbage: [[UInt8]] = [
    Array("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8),
    [], [0xFF], [UInt8](repeating: 0xFF, count: 4096), noise(50_000),
    greeting + [0x04, 0xFF, 0xFF, 0xFF],
    greeting + [0x06, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] + noise(100),
  ]

  static func noise(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
  }

  /// Frames that are not a message, many of them almost one.
  static var wrongFrames: [[[UInt8]]] {
    let hello = Message.hello(stranger).encoded()[0]
    var frames: [[[UInt8]]] = [
      [[]], [[], []], [noise(64)], [noise(5000), noise(9)], [Array("TRIB".utf8)],
    ]
    frames += stride(from: 1, to: hello.count, by: 3).map { [Array(hello.prefix($0))] }
    frames += hello.indices.map { index in
      var lying = hello
      lying[index] ^= 0xFF
      return [lying]
    }
    return frames + [[hello, hello], [hello + [0]]]
  }

  /// The fingerprint of the tests' data.
  static func fingerprint() async throws -> String {
    let folder = try Training.folder()
    let end = try await run(
      "train --data shapes --units 4 --batch-size 8 --steps 1 --run run", in: folder)
    try #require(end.status == 0, "\(end.errors)")
    let report = try folder.json("run/report.json")
    return try #require(report["dataset_fingerprint"] as? String)
  }
}
