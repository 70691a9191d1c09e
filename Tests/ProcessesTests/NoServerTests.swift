import TestSupport
import Testing
import Wire
import ZeroMQ

@testable import Processes

/// A worker without a server logs the reason after three seconds, and ends with it.
@Suite(.limit(minutes: 2))
struct NoServerTests {
  /// Runs a worker until it gives up, and checks the reason in its log and in its last line.
  private func expect(_ reason: String, at endpoint: String) async throws {
    let folder = try Training.folder()
    let end = try await run(
      "worker --data shapes --connect \(endpoint) --connect-timeout 4.5", in: folder)
    #expect(end.status == 69, "\(end.errors)")
    let lines = end.errorLines.filter { $0.contains(reason) }
    #expect(lines.count == 2, "\(end.errors)")
    #expect(lines.first?.contains("no session with the server") == true, "\(end.errors)")
    #expect(lines.last?.hasPrefix("tributary: no server for 4.5 seconds: ") == true)
    #expect(lines.last?.contains(endpoint) == true)
  }

  @Test func aNameThatDoesNotResolveIsReported() async throws {
    try await expect("has no address (", at: "tcp://no-such-host.invalid:5555")
  }

  @Test func aClosedPortIsReported() async throws {
    try await expect("connection refused", at: Listener.closedPort())
  }

  @Test func aPathThatDoesNotExistIsReported() async throws {
    try await expect("does not exist", at: "ipc:///tmp/tributary-without-a-server")
  }

  @Test func aListenerThatNeverAnswersIsReported() async throws {
    let listener = try Listener(.silence)
    try await expect("accepts connections but is silent", at: listener.endpoint)
  }

  @Test func aServerOfAnotherProtocolIsReported() async throws {
    let listener = try Listener(.greeting("SSH-2.0-OpenSSH_9.2\r\n"))
    try await expect("sends 'SSH-2.0-OpenSSH_9.2'", at: listener.endpoint)
  }

  @Test func aWebServerIsReported() async throws {
    let listener = try Listener(.answer("HTTP/1.1 400 Bad Request\r\n\r\n"))
    try await expect("closes connections without an answer", at: listener.endpoint)
  }

  @Test func aPortThatClosesConnectionsIsReported() async throws {
    let listener = try Listener(.close)
    try await expect("closes connections without an answer", at: listener.endpoint)
  }

  @Test func aZeroMQSocketThatDoesNotAnswerIsReported() async throws {
    let router = try Socket(.router, context: Context())
    try await expect("does not answer", at: router.bind("tcp://127.0.0.1:0"))
  }

  @Test func aServerThatSendsNoWeightsIsReported() async throws {
    let folder = try Training.folder()
    let server = try await Server(in: folder)
    let silent = try FakeServer(in: folder)
    let worker = try Program("worker --data shapes --connect \(silent.endpoint)", in: folder)
    let (peer, hello) = try silent.receive()
    // The welcome is that of a real server, which fits the worker's data.
    let client = try Client(server.endpoint)
    try client.send(hello)
    var welcome = try client.receive { if case .welcome(let welcome) = $0 { welcome } else { nil } }
    welcome.silenceMilliseconds = 500
    try silent.send(NumberedMessage(.welcome(welcome), number: 0).encoded(), to: peer)
    try await worker.prints("welcomed this worker, but no weights arrived")
    #expect(worker.errors.contains("\(silent.endpoint) welcomed"))
  }
}
