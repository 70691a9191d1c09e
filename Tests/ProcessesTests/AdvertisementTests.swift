import Testing

@testable import Processes

/// The endpoints that a server binds and publishes.
@Suite struct AdvertisementTests {
  private func published(_ bound: String..., options: [String] = []) throws -> [String] {
    try #require(Advertisement(options)).endpoints(bound: bound)
  }

  @Test(arguments: ["tcp://10.1.2.3:5", "ipc:///tmp/x", "tcp://host:1", "tcp://[::1]:7"])
  func aDefiniteEndpointIsPublishedAsItIs(endpoint: String) throws {
    #expect(try published(endpoint) == [endpoint])
  }

  @Test(arguments: ["tcp://0.0.0.0:5", "tcp://*:5", "tcp://[::]:5"])
  func anEndpointOfAllAddressesIsPublishedWithEachOfThem(endpoint: String) throws {
    let endpoints = try published(endpoint)
    #expect(!endpoints.isEmpty && Set(endpoints).count == endpoints.count)
    #expect(endpoints.allSatisfy(Endpoint.isConnectable))
    #expect(endpoints.allSatisfy { TCPAddress($0)?.port == 5 })
    let expected = HostAddresses.ofThisHost.filter {
      !endpoint.contains("0.0") || !$0.contains(":")
    }
    #expect(endpoints.compactMap { TCPAddress($0)?.host } == expected || expected.isEmpty)
  }

  @Test func optionsReplaceTheAddressesAndMayNameAnotherPort() throws {
    let options = ["gpu.example", "10.0.0.7:80", "fd00::1", "[fd00::2]:9", "[fd00::3]"]
    #expect(
      try published("tcp://0.0.0.0:5555", options: options) == [
        "tcp://gpu.example:5555", "tcp://10.0.0.7:80", "tcp://[fd00::1]:5555",
        "tcp://[fd00::2]:9", "tcp://[fd00::3]:5555",
      ])
    #expect(try published("ipc:///tmp/x", options: options) == ["ipc:///tmp/x"])
    #expect(try published("tcp://127.0.0.1:5", options: ["a", "a"]) == ["tcp://a:5"])
  }

  @Test(arguments: [
    "", "*", "0.0.0.0", "::", "[::]:5", "*:5", "a:0", "a:b", "a:65536", "a b", "tcp://a:5", "a/b",
    "a:+5", "[fd00::1", "a:5:6g",
  ])
  func aPlaceThatCannotBeConnectedToIsRefused(text: String) {
    #expect(Advertisement([text]) == nil)
  }

  @Test func theNumberOfPlacesIsLimited() {
    #expect(Advertisement((0..<16).map { "host-\($0)" }) != nil)
    #expect(Advertisement((0..<17).map { "host-\($0)" }) == nil)
  }

  // MARK: Listening

  @Test(arguments: ["tcp://127.0.0.1:0", "tcp://*:5", "tcp://[::]:5", "ipc:///x", "nonsense"])
  func anAddressIsBoundAsItIs(endpoint: String) throws {
    #expect(try ListenAddress.endpoints(of: endpoint) == [endpoint])
  }

  @Test func aNameStandsForItsAddresses() throws {
    #expect(try ListenAddress.endpoints(of: "tcp://lo:7").first == "tcp://127.0.0.1:7")
    let named = try ListenAddress.endpoints(of: "tcp://localhost:7")
    #expect(!named.isEmpty)
    #expect(named.allSatisfy { ["tcp://127.0.0.1:7", "tcp://[::1]:7"].contains($0) })
    let name = "nowhere.invalid"
    let error = #expect(throws: ProcessError.self) {
      try ListenAddress.endpoints(of: "tcp://\(name):7")
    }
    #expect("\(try #require(error))".contains("nowhere.invalid is no interface"))
  }

  // MARK: Endpoints

  @Test func theWrittenFormOfAnEndpointIsParsed() {
    for (text, host, port) in [
      ("tcp://a:1", "a", 1), ("tcp://[fd00::1]:65535", "fd00::1", 65_535), ("tcp://*:*", "*", 0),
      ("tcp://10.0.0.1:0;a.example:7", "a.example", 7),
    ] as [(String, String, UInt16)] {
      let address = TCPAddress(text)
      #expect(address == TCPAddress(host: host, port: port))
      #expect(address.flatMap { TCPAddress($0.endpoint) } == address)
    }
    for text in [
      "tcp://", "tcp://a", "tcp://:5", "tcp://fd00::1:5", "tcp://a:", "tcp://a:-1", "ipc://a:1",
      "tcp://a:70000", "tcp://[]:5", "tcp://a b:1",
    ] {
      #expect(TCPAddress(text) == nil, "\(text)")
    }
  }
}
