import Foundation
import TestSupport
import Testing

/// Endpoints that cannot be used end a command with a message that contains them.
@Suite(.serialized, .limit(minutes: 2))
struct WrongEndpointTests {
  @Test(arguments: [
    WrongCall("nonsense", "nonsense", "tcp://HOST:PORT"),
    WrongCall("tcp://", "tcp://", "tcp://HOST:PORT"),
    WrongCall("tcp://127.0.0.1:99999", "127.0.0.1:99999", "tcp://HOST:PORT"),
    WrongCall("tcp://127.0.0.1:http", "127.0.0.1:http", "tcp://HOST:PORT"),
    WrongCall("ipc:///nowhere/at/all", "ipc:///nowhere/at/all", "ipc://PATH"),
    WrongCall("inproc://here", "inproc://here", "tcp://HOST:PORT"),
    WrongCall("udp://127.0.0.1:5555", "udp://127.0.0.1:5555", "tcp://HOST:PORT"),
    WrongCall("tcp://192.0.2.1:0 --insecure", "tcp://192.0.2.1:0", "not an address of this host"),
  ])
  func aServerCannotListenAtAnInvalidEndpoint(endpoint: WrongCall) async throws {
    let folder = try Training.folder()
    let call = WrongCall(
      "server --data shapes --run run --listen \(endpoint.line)", named: endpoint.naming)
    try await call.check(status: 78, in: folder)
  }

  @Test(arguments: [
    WrongCall("localhost:5555", "localhost:5555", "tcp://HOST:PORT"),
    WrongCall("tcp://0.0.0.0:5555", "tcp://0.0.0.0:5555", "tcp://HOST:PORT"),
    WrongCall("tcp://127.0.0.1", "tcp://127.0.0.1", "tcp://HOST:PORT"),
    WrongCall("tcp://127.0.0.1:0", "tcp://127.0.0.1:0", "tcp://HOST:PORT"),
    WrongCall("inproc://here", "inproc://here", "tcp://HOST:PORT"),
  ])
  func aWorkerCannotConnectToAnInvalidEndpoint(endpoint: WrongCall) async throws {
    let folder = try Training.folder()
    let call = WrongCall(
      "worker --data shapes --connect \(endpoint.line)", named: endpoint.naming)
    try await call.check(status: 78, in: folder)
  }

  @Test func aPortInUseIsAnError() async throws {
    let folder = try Training.folder()
    let server = try await Server(in: folder)
    for command in ["server", "train"] {
      let call = WrongCall(
        "\(command) --data shapes --run second --listen \(server.endpoint)",
        server.endpoint, "in use", "another port")
      try await call.check(status: 75, in: folder)
    }
  }

  @Test(arguments: ["tcp://127.0.0.1:1", "ipc:///tmp/tributary-without-a-server"])
  func aWorkerWithoutAServerGivesUpAtItsTimeLimit(endpoint: String) async throws {
    let call = WrongCall(
      "worker --data shapes --connect \(endpoint) --connect-timeout 0.5", endpoint, "start a server"
    )
    try await call.check(status: 69, in: Training.folder())
  }

  @Test(arguments: ["ipc://socket", "tcp://127.0.0.1:0", "tcp://[::1]:0"])
  func trainListensAtTheGivenEndpoint(endpoint: String) async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train --data shapes --units 4 --batch-size 8 --steps 5 --run run --listen \(endpoint)",
      in: folder)
    if endpoint.contains("::1"), end.status == 78 { return }  // a host without IPv6
    #expect(end.status == 0, "\(end.errors)")
    let used = try folder.text("run/endpoint")
    #expect(used.hasPrefix(String(endpoint.dropLast(2))) && !used.hasSuffix(":0\n"))
    #expect(end.errors.contains("server.endpoint=" + used.dropLast()))
  }
}
