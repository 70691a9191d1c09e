import CSignals
import Foundation

/// SIGTERM and SIGINT as a file descriptor, to be waited for with the sockets.
///
/// Make one in the main thread before any other thread is started.
public struct SignalDescriptor: ~Copyable {
  /// A signal that asks a process to end.
  public enum Signal: Sendable, Equatable {
    /// SIGTERM, as `kill` sends it.
    case terminate
    /// SIGINT, as Control-C sends it.
    case interrupt

    /// The exit code that says a process was ended by this signal.
    public var exitCode: Int32 { self == .terminate ? 128 + SIGTERM : 128 + SIGINT }
    /// The signal's name.
    public var name: String { self == .terminate ? "SIGTERM" : "SIGINT" }
  }

  /// The descriptor, readable when a signal has come.
  let descriptor: Int32

  /// Blocks the signals' default effect in this and all later threads.
  ///
  /// - Throws: ``ProcessError/signals(code:)`` if the process has no descriptor left.
  public init() throws(ProcessError) {
    descriptor = csignals_open()
    guard descriptor >= 0 else { throw .signals(code: -descriptor) }
  }

  deinit {
    _ = csignals_close(descriptor)
  }

  /// The next signal that has come, if any.
  func next() -> Signal? {
    switch csignals_next(descriptor) {
    case SIGTERM: .terminate
    case SIGINT: .interrupt
    default: nil
    }
  }
}
