import Foundation
import Glibc
import TestSupport
import Testing
import ZeroMQ

@testable import Processes

/// A probe finds the reason for which an endpoint cannot be used.
@Suite(.limit(minutes: 1))
struct EndpointProbeTests {
  private func outcome(of endpoint: String) async throws -> EndpointProbe.Outcome {
    let probe = EndpointProbe(try #require(ProbeTarget(endpoint)))
    return try await eventually("the outcome of \(endpoint)") {
      if case .finished(let outcome) = probe.phase { outcome } else { nil }
    }
  }

  @Test func endpointsAreParsed() {
    #expect(
      ProbeTarget("tcp://host.example:5600")
        == .tcp(host: "host.example", port: "5600"))
    #expect(ProbeTarget("tcp://[::1]:5600") == .tcp(host: "::1", port: "5600"))
    #expect(
      ProbeTarget("tcp://10.0.0.2:0;10.0.0.1:5600")
        == .tcp(host: "10.0.0.1", port: "5600"))
    #expect(ProbeTarget("ipc:///tmp/socket") == .ipc(path: "/tmp/socket"))
    #expect(ProbeTarget("inproc://here") == nil)
    #expect(ProbeTarget("tcp://host") == nil)
  }

  @Test func aNameWithoutAnAddressIsUnresolved() async throws {
    guard case .unresolved(let text) = try await outcome(of: "tcp://no-such-host.invalid:5600")
    else { throw Stub.unexpected }
    #expect(!text.isEmpty)
  }

  @Test func aClosedPortRefusesTheConnection() async throws {
    #expect(try await outcome(of: Listener.closedPort()) == .failed(ECONNREFUSED))
  }

  @Test func anAddressWithoutARouteFails() async throws {
    // The kernel has no route for TCP to a multicast address.
    #expect(try await outcome(of: "tcp://224.0.0.1:5600") == .failed(ENETUNREACH))
  }

  @Test func aPortThatDropsPacketsTimesOut() async throws {
    let (descriptor, port) = try Loopback.listen()
    // With a full queue of connections the kernel ignores further attempts.
    try #require(listen(descriptor, 0) == 0)
    let first = try #require(Loopback.connect(port))
    #expect(try await outcome(of: "tcp://127.0.0.1:\(port)") == .timedOut)
    for descriptor in [first, descriptor] { close(descriptor) }
  }

  @Test func theFirstBytesOfAPeerAreReported() async throws {
    let silent = try Listener(.silence)
    #expect(try await outcome(of: silent.endpoint) == .accepted([]))
    let talkative = try Listener(.greeting("SSH-2.0-test\r\n"))
    #expect(try await outcome(of: talkative.endpoint) == .accepted(Array("SSH-2.0-test\r\n".utf8)))
    let closing = try Listener(.close)
    #expect(try await outcome(of: closing.endpoint) == .closed)
  }

  @Test func aZeroMQSocketIsRecognized() async throws {
    let folder = try TemporaryFolder()
    for endpoint in ["tcp://127.0.0.1:0", "ipc://\(folder.file("socket"))", "ipc://@probed"] {
      let router = try Socket(.router, context: Context())
      guard case .accepted(let bytes) = try await outcome(of: router.bind(endpoint)) else {
        throw Stub.unexpected
      }
      #expect(bytes.first == 0xFF)
    }
  }

  @Test func aPathWithoutAFileAndOneWithoutAProcessDiffer() async throws {
    let folder = try TemporaryFolder()
    let endpoint = "ipc://\(folder.file("socket"))"
    #expect(try await outcome(of: endpoint) == .failed(ENOENT))
    try #require(mknod(folder.file("socket"), S_IFSOCK | 0o600, 0) == 0)
    #expect(try await outcome(of: endpoint) == .failed(ECONNREFUSED))
  }
}
