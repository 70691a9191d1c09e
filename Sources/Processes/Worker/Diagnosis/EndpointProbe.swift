import CLinux
import Foundation
import Synchronization

/// One attempt to connect to an endpoint, on a thread of its own, to learn why libzmq cannot: it
/// does not report the error of an attempt that failed.
///
/// The connection is closed without a byte sent; a server takes no notice of it.
final class EndpointProbe: Sendable {
  /// The result of an attempt.
  enum Outcome: Sendable, Hashable {
    /// The host's name has no address; the text is the operating system's.
    case unresolved(String)
    /// Connecting failed; the code is errno's.
    case failed(Int32)
    /// No answer within the time limit.
    case timedOut
    /// The connection was accepted and closed at once.
    case closed
    /// The connection was accepted; the peer sent these first bytes, perhaps none.
    case accepted([UInt8])
  }

  /// The progress of an attempt.
  enum Phase: Sendable, Hashable {
    /// The name servers have not answered.
    case resolving
    /// The peer has not answered.
    case connecting
    /// The attempt has ended.
    case finished(Outcome)
  }

  private let state = Mutex(Phase.resolving)
  private static let connectMilliseconds: Int32 = 2000
  private static let greetingMilliseconds: Int32 = 500
  private static let mostBytes: Int32 = 64

  /// Starts an attempt.
  init(_ target: ProbeTarget) {
    Thread.detachNewThread { [self] in
      let outcome = attempt(target)
      state.withLock { $0 = .finished(outcome) }
    }
  }

  /// The progress so far.
  var phase: Phase { state.withLock { $0 } }

  private func attempt(_ target: ProbeTarget) -> Outcome {
    do {
      let address = try target.address()
      state.withLock { $0 = .connecting }
      return Self.connect(to: address)
    } catch {
      return .unresolved(error.text)
    }
  }

  private static func connect(to address: cprobe_address) -> Outcome {
    var address = address
    let descriptor = cprobe_connect(&address, connectMilliseconds)
    guard descriptor >= 0 else {
      return -descriptor == ETIMEDOUT ? .timedOut : .failed(-descriptor)
    }
    defer { close(descriptor) }
    // A ZeroMQ socket sends its first bytes at once, and so do many other servers.
    var bytes = [UInt8](repeating: 0, count: Int(mostBytes))
    let count = cprobe_receive(descriptor, greetingMilliseconds, &bytes, mostBytes)
    return count == 0 ? .closed : .accepted(Array(bytes.prefix(max(0, Int(count)))))
  }
}
