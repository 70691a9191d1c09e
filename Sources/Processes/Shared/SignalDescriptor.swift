import CLinux
import Foundation

/// SIGTERM, SIGINT and SIGHUP as a file descriptor, to be waited for with the sockets.
///
/// Make one in the main thread before any other thread is started.
package struct SignalDescriptor: ~Copyable {
  /// A signal that asks a process to end.
  package enum Signal: Sendable, CaseIterable {
    /// SIGHUP, sent by a terminal that closes.
    case hangUp
    /// SIGINT, sent by Control-C.
    case interrupt
    /// SIGTERM, sent by `kill`.
    case terminate

    /// The signal's number.
    package var number: Int32 {
      switch self {
      case .terminate: SIGTERM
      case .interrupt: SIGINT
      case .hangUp: SIGHUP
      }
    }

    /// The exit status of a process that stopped because of this signal.
    package var exitStatus: ExitStatus { .signal(number) }

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
  package func wakeWithParentsEnd() { _ = csignals_wake_with_parents_end() }

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
