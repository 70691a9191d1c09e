import Bytes
import Foundation
import Testing
import ZeroMQ

/// The timeout for an expected event in milliseconds, far longer than it takes.
let patience = 10_000

/// A transport with an endpoint: a free port, a file in its own folder, or a name.
enum Transport: CaseIterable {
  case tcp, ipc, inproc

  var endpoint: String {
    switch self {
    case .tcp: "tcp://127.0.0.1:0"
    case .ipc: "ipc://\(temporaryFolder())/socket"
    case .inproc: "inproc://test"
    }
  }
}

/// Creates a folder with a short path, since the path of an ipc endpoint is limited to 107 bytes.
func temporaryFolder() -> String {
  var template = Array((rootFolder + "/XXXXXX").utf8CString)
  return mkdtemp(&template).map { String(cString: $0) } ?? rootFolder
}

/// The folder that contains all temporary folders; removed at exit.
private let rootFolder: String = {
  let path = "/tmp/zeromq-tests-\(getpid())"
  mkdir(path, 0o700)
  atexit { try? FileManager.default.removeItem(atPath: "/tmp/zeromq-tests-\(getpid())") }
  return path
}()

/// Waits for the next message of a socket and returns it.
func receive(_ socket: borrowing Socket) throws -> [[UInt8]] {
  try wait(for: .readable, on: socket)
  let frames = try socket.receive(maximumFrames: 1000, maximumBytes: 1 << 30)
  return try #require(frames).map(\.array)
}

/// Waits until a socket is ready.
func wait(for interest: Readiness, on socket: borrowing Socket) throws {
  var poller = Poller<Int>()
  poller.add(socket, as: 0, for: interest)
  let events = try poller.wait(milliseconds: patience)
  try #require(events.first?.readiness.isSuperset(of: interest) == true, "timed out")
}

/// Sends a message as soon as the socket is connected.
func send(_ frames: [[UInt8]], on socket: borrowing Socket) throws {
  try wait(for: .writable, on: socket)
  try socket.send(frames)
}

/// Sends a message from a dealer to a router; returns the dealer's address.
func introduce(_ dealer: borrowing Socket, to router: borrowing Socket) throws -> [UInt8] {
  try send([[1]], on: dealer)
  let frames = try receive(router)
  #expect(frames.count == 2 && frames.last == [1])
  return try #require(frames.first)
}

/// Repeats a condition until it holds.
func eventually(_ condition: () throws -> Bool) throws {
  let clock = ContinuousClock()
  let end = clock.now + .milliseconds(patience)
  while try !condition() { try #require(clock.now < end, "timed out") }
}

/// Returns the error thrown by `work` if it is a `ZeroMQError`.
func failure(of work: () throws -> Void) -> ZeroMQError? {
  do {
    try work()
    return nil
  } catch {
    return error as? ZeroMQError
  }
}

extension [UInt8] {
  /// Returns bytes with a long period that are the same in every run.
  static func pattern(_ count: Int, seed: Int = 0) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31 &+ seed) ^ ($0 >> 8)) }
  }
}
