import CLinux
import Foundation

/// SIGTERM, SIGINT and SIGHUP as a file descriptor that is polled together with the sockets.
///
/// Create it in the main thread before any other thread is started.
package struct SignalDescriptor: ~Copyable {
  /// A signal that asks a process to stop.
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

    fileprivate init?(number: Int32) {
      switch number {
      case SIGTERM: self = .terminate
      case SIGINT: self = .interrupt
      case SIGHUP: self = .hangUp
      default: return nil
      }
    }
  }

  /// A request that arrived as a signal.
  enum Request: Equatable {
    /// Stop for good.
    case stop(Signal)
    /// Suspend until SIGCONT: SIGTSTP, as Control-Z sends it.
    case suspend
  }

  /// The descriptor, readable when a signal has arrived.
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

  /// Makes the kernel continue this process when its parent exits, in case it is stopped then.
  package func resumeOnParentExit() { _ = csignals_resume_on_parent_exit() }

  /// Adds SIGTSTP, so that this process can suspend its children before itself.
  ///
  /// - Throws: ``ProcessError/signals(code:)``.
  package func addSuspension() throws(ProcessError) {
    let code = csignals_add_suspension(descriptor)
    guard code == 0 else { throw .signals(code: -code) }
  }

  /// Takes the next signal that asks this process to stop, if one has arrived.
  func next() -> Signal? { Signal(number: csignals_next(descriptor)) }

  /// Takes the next request, if one has arrived.
  func nextRequest() -> Request? {
    let number = csignals_next(descriptor)
    return number == SIGTSTP ? .suspend : Signal(number: number).map { .stop($0) }
  }
}
