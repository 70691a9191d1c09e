import Coordination
import Foundation
import Glibc
import TestSupport
import Testing
import Wire

@testable import Processes

/// The health endpoint in this process, with peers that do not follow the rules.
@Suite(.serialized, .limit(minutes: 3))
struct HealthServerTests {
  /// Runs `work` with a server of a run that trains.
  private func serving(
    _ work: (WebClient, HealthState) async throws -> Void
  ) async throws {
    let (health, clock) = (HealthState(), MonotonicClock())
    let server = try HealthServer(
      at: try #require(HealthEndpoint("127.0.0.1:0")), health, clock: clock)
    defer { server.stop() }
    health.publish(RunStatus(recipe: "v1", mode: "sync", phase: .training), at: clock.now)
    // Published as often as by a server's loop, and by a thread, since tasks wait for other tests.
    let publishing = Thread {
      while !Thread.current.isCancelled {
        health.publish(RunStatus(recipe: "v1", mode: "sync", phase: .training), at: clock.now)
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
    publishing.start()
    defer { publishing.cancel() }
    try await work(WebClient(server.endpoint), health)
  }

  private static let good = WebClient.Answer(status: 200, content: "ok\n")

  @Test func requestsAreAnswered() async throws {
    try await serving { client, _ in
      let health = try client.get("/healthz")
      #expect(health == Self.good)
      #expect(try client.get("/readyz") == Self.good)
      #expect(try client.get("/readyz", method: "HEAD").map(\.status) == 200)
      #expect(try client.get("/").map(\.status) == 404)
      for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "X"] {
        #expect(try client.get("/healthz", method: method).map(\.status) == 405, "\(method)")
      }
      #expect(try client.answer(to: Array("hello\r\n\r\n".utf8)).map(\.status) == 400)
    }
  }

  @Test func aRequestWithoutEndIsRefusedOrCut() async throws {
    try await serving { client, _ in
      let line = Array("GET /healthz HTTP/1.1\r\n".utf8)
      let fields = Array("A: b\r\n".utf8)
      let endless = line + (0..<100_000).flatMap { _ in fields }
      // The answer is lost if more bytes arrive after the end of the connection.
      let status = try client.answer(to: endless)?.status
      #expect(status == 431 || status == nil)
      #expect(try client.answer(to: line + fields).map(\.status) == nil, "closed in time")
      let long = Array("GET /".utf8) + [UInt8](repeating: 0x61, count: 5000)
      #expect(try client.answer(to: long).map(\.status) == 431)
      #expect(try client.get("/healthz") == Self.good)
    }
  }

  @Test func idleConnectionsAreClosedForNewOnes() async throws {
    try await serving { client, _ in
      var open: [Int32] = []
      defer { for descriptor in open { close(descriptor) } }
      for number in 0..<1000 {
        let descriptor = try #require(Loopback.connect(client.port))
        open.append(descriptor)
        if number.isMultiple(of: 2) { Loopback.send("GET /healthz".utf8, to: descriptor) }
        if number.isMultiple(of: 50) { #expect(try client.get("/healthz") == Self.good) }
        guard open.count > 200 else { continue }  // this process has a limit, too
        let oldest = open.removeFirst()
        #expect(Loopback.receive(oldest, atMost: 100) == nil)
        close(oldest)
      }
      #expect(try client.get("/healthz") == Self.good)
      // The last ones are closed when their time is over.
      for descriptor in open { #expect(Loopback.receive(descriptor, atMost: 100) == nil) }
    }
  }

  @Test func connectionsThatAreResetLeaveTheEndpointAlone() async throws {
    try await serving { client, _ in
      for _ in 0..<200 {
        let descriptor = try #require(Loopback.connect(client.port))
        Loopback.send("GET /healthz HTTP/1.1\r\n\r\n".utf8, to: descriptor)
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
          descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
      }
      #expect(try client.get("/healthz") == Self.good)
    }
  }

  @Test func aPortInUseAndAForeignAddressAreNamed() async throws {
    try await serving { client, _ in
      let fault = { (text: String) throws -> HealthError.Fault? in
        do {
          let server = try HealthServer(
            at: #require(HealthEndpoint(text)), HealthState(), clock: MonotonicClock())
          server.stop()
          return nil
        } catch let error as HealthError {
          return error.fault
        }
      }
      #expect(try fault("127.0.0.1:\(client.port)") == .inUse)
      #expect(try fault("no-such-host.invalid:0") == .unresolved)
      guard case .refused? = try fault("192.0.2.1:0") else {
        Issue.record("the address of another host is used")
        return
      }
      #expect(try fault("*:0") == nil)
      #expect(try fault("localhost:0") == nil)
    }
  }

  @Test func anEndpointIsFreeAfterItsServer() throws {
    var text = "127.0.0.1:0"
    for _ in 0..<3 {
      let server = try HealthServer(
        at: #require(HealthEndpoint(text)), HealthState(), clock: MonotonicClock())
      #expect(try WebClient(server.endpoint).get("/readyz").map(\.status) == 503)
      text = server.endpoint
      server.stop()
    }
  }
}
