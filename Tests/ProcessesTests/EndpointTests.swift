import Testing

@testable import Processes

@Suite struct EndpointTests {
  @Test(arguments: [
    "ipc:///tmp/socket", "ipc://socket", "tcp://127.0.0.1:5555", "tcp://127.9.9.9:0",
    "tcp://localhost:5555", "tcp://[::1]:5555",
  ])
  func onlyThisHostCanConnect(endpoint: String) {
    #expect(Endpoint.isLocal(endpoint))
  }

  @Test(arguments: [
    "tcp://0.0.0.0:5555", "tcp://*:5555", "tcp://[::]:5555", "tcp://192.0.2.1:5555",
    "tcp://127.0.0.1.example.org:5555", "tcp://127.0.0.256:5555", "tcp://127.0.0:5555",
    "tcp://128.0.0.1:5555", "tcp://eth0:5555", "tcp://:5555", "tcp://", "tcp://127.0.0.1",
    "localhost:5555", "", "udp://127.0.0.1:5555", "http://127.0.0.1:5555",
  ])
  func otherHostsMayConnect(endpoint: String) {
    #expect(!Endpoint.isLocal(endpoint))
  }

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
}
