import CLinux
import Foundation

/// SIGTERM, SIGINT and SIGHUP as a file descriptor, to be waited for with the sockets.
///
/// Make one in the main thread before any other thread is started.
package struct SignalDescriptor: ~Copyable {
  /// A signal that asks a process to end.
  package enum Signal: Sendable, Equatable {
    /// SIGTERM, as `kill` sends it.
    case terminate
    /// SIGINT, as Control-C sends it.
    case interrupt
    /// SIGHUP, as a terminal that closes sends it.
    case hangUp

    /// The signal's number.
    package var number: Int32 {
      switch self {
      case .terminate: SIGTERM
      case .interrupt: SIGINT
      case .hangUp: SIGHUP
      }
    }

    /// The exit code that says a process was ended by this signal.
    package var exitCode: Int32 { 128 + number }

    /// The signal's name.
    package var name: String {
      switch self {
      case .terminate: "SIGTERM"
      case .interrupt: "SIGINT"
      case .hangUp: "SIGHUP"
      }
    }
  }

  /// The descriptor, readable when a signal has come.
  let descriptor: Int32

  /// Blocks the signals' default effect in this and all later threads.
  ///
  /// - Throws: ``ProcessError/signals(code:)`` if the process has no descriptor left.
  package init() throws(ProcessError) {
    descriptor = csignals_open()
    guard descriptor >= 0 else { throw .signals(code: -descriptor) }
  }

  deinit {
    _ = csignals_close(descriptor)
  }

  /// Has this process go on when its parent ends, should it be stopped then.
  package func wakeWithParentsEnd() { _ = csignals_resume_on_parent_exit() }

  /// The next signal that has come, if any.
  func next() -> Signal? {
    switch csignals_next(descriptor) {
    case SIGTERM: .terminate
    case SIGINT: .interrupt
    case SIGHUP: .hangUp
    default: nil
    }
  }
}
