import Foundation
import TestSupport
import Testing

@testable import Processes

/// Workers that find a server which starts later, moves, or has several addresses: the real
/// programs.
@Suite(.serialized, .limit(minutes: 3))
struct FindingTests {
  private static let worker = "worker --data shapes --slow-down 4 --connect-timeout 120"
  private static let hasIPv6 =
    FileManager.default.fileExists(atPath: "/proc/net/if_inet6")
    && HostAddresses.ofInterface("lo").contains("::1")

  private func complete(_ server: Server, _ workers: [Program]) async throws {
    let end = try await server.program.end()
    #expect(end.status == 0, "\(end.errors)")
    for worker in workers {
      let end = try await worker.end()
      #expect(end.status == 0, "\(end.errors)")
    }
    #expect(try await server.model == Training.reference)
  }

  private func endpoints(_ server: Server) throws -> [String] {
    try Invitation.read(server.folder.path + "/\(server.run)/invitation").endpoints
  }

  @Test(arguments: ["served", "served/invitation"])
  func aWorkerWaitsForAServerThatStartsLater(place: String) async throws {
    let folder = try Training.folder()
    let worker = try Program("\(Self.worker) --connect \(place)", in: folder)
    try await worker.prints("names no server yet")
    let server = try await Server(hasKeys: true, in: folder)
    try await complete(server, [worker])
  }

  @Test func aWorkerFollowsAServerThatMoves() async throws {
    let folder = try Training.folder()
    // It waits for a second worker, so the run cannot end before the signal.
    let first = try await Server(
      Training.options + " --start-with 2", hasKeys: true, in: folder)
    let worker = try Program("\(Self.worker) --connect \(first.run)", in: folder)
    try await first.program.prints("worker.count=1")
    first.program.send(SIGKILL)
    _ = try await first.program.end()
    let program = try Program(
      "server --run \(first.run) --continue --start-with 1 --data shapes"
        + " --listen tcp://127.0.0.1:0 --verbose", in: folder)
    let second = try await Server(program, run: first.run, in: folder)
    #expect(second.endpoint != first.endpoint)
    try await complete(second, [worker])
  }

  /// The first address has no server, the second one is not of this host.
  @Test func theAddressesOfAnInvitationAreTriedInTurn() async throws {
    let folder = try Training.folder()
    let options = " --advertise nowhere.invalid:9,127.0.0.1:9 --advertise localhost"
    let server = try await Server(Training.options + options, hasKeys: true, in: folder)
    let port = try #require(TCPAddress(try folder.text("served/listen").dropLast().description))
      .port
    #expect(
      try endpoints(server) == [
        "tcp://nowhere.invalid:9", "tcp://127.0.0.1:9", "tcp://localhost:\(port)",
      ])
    let worker = try Program("\(Self.worker) --join served/invitation", in: folder)
    try await complete(server, [worker])
  }

  @Test(.enabled(if: hasIPv6, "IPv6 is not available"))
  func allAddressesAreThoseOfBothVersionsOfIP() async throws {
    let folder = try Training.folder()
    let server = try await Server(listen: "tcp://*:0", hasKeys: true, in: folder)
    #expect(try !endpoints(server).isEmpty)
    #expect(try endpoints(server).allSatisfy(Endpoint.isConnectable))
    let port = try #require(TCPAddress(server.endpoint)).port
    let workers = try ["[::1]", "127.0.0.1"].map { host in
      var invitation = try Invitation.read(folder.path + "/served/invitation")
      invitation.endpoints = ["tcp://\(host):\(port)"]
      return try Program(
        words(Self.worker), in: folder, environment: [Invitation.variable: invitation.text])
    }
    try await complete(server, workers)
  }

  @Test(arguments: ["lo", "localhost"])
  func aServerListensAtTheAddressesOfAName(host: String) async throws {
    let folder = try Training.folder()
    let server = try await Server(listen: "tcp://\(host):0", hasKeys: true, in: folder)
    #expect(try endpoints(server).contains { $0.hasPrefix("tcp://127.0.0.1:") })
    #expect(try folder.text("served/listen").hasPrefix("tcp://\(host):"))
    let worker = try Program("\(Self.worker) --connect served", in: folder)
    try await complete(server, [worker])
  }

  @Test(arguments: ["", " --insecure"])
  func theWorkersOfALauncherConnectToAServerAtAllAddresses(option: String) async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train \(Training.options) --workers 2 --run run --listen tcp://*:0"
        + " --advertise nowhere.invalid\(option)", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await folder.read("run/model.safetensors") == Training.reference)
  }

  @Test func aPlaceWithoutAServerIsNamed() async throws {
    let folder = try Training.folder()
    for option in ["--connect missing", "--join missing"] {
      let end = try await run("worker --data shapes --connect-timeout 1 \(option)", in: folder)
      #expect(end.status == 69 && end.errors.contains("missing names no server yet"))
    }
    try folder.write("nothing".utf8, "wrong")
    chmod(folder.path + "/wrong", 0o600)
    let end = try await run("worker --data shapes --connect wrong", in: folder)
    #expect(end.status == 78 && end.errors.contains("wrong is not an invitation"))
  }
}
