import Foundation
import TestSupport
import Testing

@testable import Processes

@Suite struct EndpointTests {
  @Test func anIPCEndpointInAFolderOfThisUserAloneIsPrivate() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/inner"
    for (mode, isPrivate) in [(0o700, true), (0o500, true), (0o710, false), (0o755, false)] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      #expect(chmod(path, mode_t(mode)) == 0)
      #expect(Endpoint.isPrivate("ipc://\(path)/socket") == isPrivate, "\(mode)")
      try FileManager.default.removeItem(atPath: path)
    }
    #expect(!Endpoint.isPrivate("ipc://\(path)/socket"), "there is no folder")
  }

  @Test(arguments: [
    "tcp://127.0.0.1:5555", "tcp://[::1]:5555", "tcp://*:1", "ipc:///tmp/socket", "ipc:///socket",
    "", "udp://127.0.0.1:5555",
  ])
  func otherUsersMayConnect(endpoint: String) { #expect(!Endpoint.isPrivate(endpoint)) }

  @Test func onlyTCPAndIPCConnectProcesses() {
    for endpoint in ["tcp://127.0.0.1:0", "ipc://socket"] {
      #expect(Endpoint.isBetweenProcesses(endpoint))
    }
    for endpoint in ["inproc://name", "udp://127.0.0.1:1", "pgm://lo", "127.0.0.1:1", "", "tcp:/"] {
      #expect(!Endpoint.isBetweenProcesses(endpoint))
    }
  }

  @Test func aWorkerNeedsAPort() {
    #expect(Endpoint.isConnectable("tcp://127.0.0.1:10"))
    #expect(Endpoint.isConnectable("ipc://socket:0"))
    #expect(!Endpoint.isConnectable("tcp://127.0.0.1:0"))
    #expect(!Endpoint.isConnectable("inproc://name"))
  }

  @Test(arguments: ["tcp://*:5", "tcp://0.0.0.0:5", "tcp://[::]:5", "tcp://:5", "tcp://host"])
  func aWorkerNeedsAHost(endpoint: String) { #expect(!Endpoint.isConnectable(endpoint)) }
}
