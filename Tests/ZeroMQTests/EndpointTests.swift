import Foundation
import Testing
import ZeroMQ

@Suite struct EndpointTests {
  private static func failureToBind(_ endpoint: String) throws -> ZeroMQError? {
    let context = try Context()
    let router = try Socket(.router, context: context)
    return failure { try router.bind(endpoint) }
  }

  @Test func portZeroSelectsAFreePort() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    #expect(try router.lastEndpoint == "")
    let endpoint = try router.bind("tcp://127.0.0.1:0")
    let port = try #require(Int(endpoint.split(separator: ":").last ?? ""))
    #expect(port > 0 && endpoint == "tcp://127.0.0.1:\(port)")
    #expect(try router.lastEndpoint == endpoint)
  }

  @Test(.enabled(if: hasIPv6, "this host has no IPv6"))
  func aBracketedAddressIsIPv6() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind("tcp://[::1]:0")
    #expect(endpoint.hasPrefix("tcp://[::1]:"))
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(endpoint)
    _ = try introduce(dealer, to: router)
  }

  private static var hasIPv6: Bool {
    let interfaces = try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8)
    return interfaces?.contains(" lo") == true
  }

  @Test func anEndpointInUseIsReported() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind("tcp://127.0.0.1:0")
    let error = try #require(try Self.failureToBind(endpoint))
    #expect(error == .addressInUse(endpoint: endpoint))
    #expect(error.description.contains(endpoint) && error.description.contains("in use"))
  }

  @Test func anAddressOfAnotherHostIsNotAvailable() throws {
    // 192.0.2.0/24 is reserved for documentation (RFC 5737).
    let endpoint = "tcp://192.0.2.1:0"
    #expect(try Self.failureToBind(endpoint) == .addressNotAvailable(endpoint: endpoint))
  }

  @Test(arguments: [
    "", "tcp", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:port", "tcp://127.0.0.1:70000",
    "http://127.0.0.1:80", "ipc:///nowhere/at/all/socket",
    "ipc:///tmp/" + String(repeating: "x", count: 200),
  ])
  func bindingToAMalformedEndpointThrows(endpoint: String) throws {
    guard case .invalidEndpoint(endpoint, _) = try Self.failureToBind(endpoint) else {
      Issue.record("\(endpoint): \(String(describing: try Self.failureToBind(endpoint)))")
      return
    }
  }

  @Test func connectingToAMalformedEndpointThrows() throws {
    let context = try Context()
    let dealer = try Socket(.dealer, context: context)
    guard case .invalidEndpoint("tcp://", _) = failure(of: { try dealer.connect("tcp://") }) else {
      Issue.record("a different error, or none")
      return
    }
  }

  @Test(.enabled(if: getuid() != 0, "root has permission for every endpoint"))
  func anEndpointWithoutPermissionIsDenied() throws {
    let endpoint = "ipc:///root-only-\(getpid())"
    #expect(try Self.failureToBind(endpoint) == .permissionDenied(endpoint: endpoint))
  }

  @Test func thePathOfAnIPCEndpointIsAFile() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let path = temporaryFolder() + "/socket"
    #expect(try router.bind("ipc://\(path)") == "ipc://\(path)")
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test func everyErrorIsDescribedInOneLine() {
    let errors: [ZeroMQError] = [
      .wouldBlock, .unknownPeer, .connectionLost, .contextTerminated, .closed,
      .messageTooLarge(frames: 2, bytes: 3, peer: [1]), .addressInUse(endpoint: "e"),
      .addressNotAvailable(endpoint: "e"), .invalidEndpoint(endpoint: "e", reason: "r"),
      .permissionDenied(endpoint: "e"),
      .failed(operation: "o", endpoint: "e", code: 1, reason: "r"),
    ]
    #expect(Set(errors.map(\.description)).count == errors.count)
    #expect(errors.allSatisfy { !$0.description.contains("\n") })
  }
}
