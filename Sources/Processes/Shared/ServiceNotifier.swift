import CLinux
package import Coordination
import Foundation

/// Messages to the service manager that has started this process, such as systemd: whether it is
/// ready, a line about its state, and keep-alive messages (the protocol of sd_notify).
///
/// The work does not depend on messages that the service manager does not accept. Only that about
/// readiness is repeated, since a service manager waits for it.
package final class ServiceNotifier {
  /// The variables that the service manager sets. They concern one process: children have none.
  package static let variables = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]

  private let path: String
  private let descriptor: Int32
  /// The time between two keep-alive messages: half of the limit.
  private let period: Duration?
  private var lastKeepAlive: Moment?
  private var isReady = false
  private var isReadyAccepted = false
  private var lastRepetition: Moment?
  private var isStopping = false
  private var line = ""
  private var lastLine: Moment?

  /// The shortest time between two lines about the state, and between two repetitions.
  private static let pause = Duration.seconds(1)

  /// Creates a notifier from the variables of an environment; nil if they name no socket.
  package init?(
    environment: [String: String] = ProcessInfo.processInfo.environment, process: Int32 = getpid()
  ) {
    guard let path = environment["NOTIFY_SOCKET"], let first = path.first, "/@".contains(first)
    else { return nil }
    let descriptor = cservice_open()
    guard descriptor >= 0 else { return nil }
    self.path = path
    self.descriptor = descriptor
    let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(process)" } ?? true
    let limit = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
    period = isMeant && limit > 0 ? .microseconds(limit / 2) : nil
  }

  deinit { close(descriptor) }

  /// Creates the notifier of this process, and removes its variables from the environment. Call it
  /// before other threads start.
  package static func takeFromEnvironment() -> ServiceNotifier? {
    let notifier = ServiceNotifier()
    for variable in variables { unsetenv(variable) }
    return notifier
  }

  /// Reports that the process is ready, once; ``turn(at:)`` repeats it until it is accepted.
  package func ready() {
    guard !isReady else { return }
    isReady = true
    isReadyAccepted = send("READY=1")
  }

  /// Reports a line about the state, unless it is the last one or the last one is too recent.
  package func report(_ line: String, at now: Moment) {
    guard line != self.line, lastLine.map({ now.since($0) >= Self.pause }) ?? true else { return }
    (self.line, lastLine) = (line, now)
    send("STATUS=\(line)")
  }

  /// Sends a keep-alive message if one is due. Call it regularly.
  package func turn(at now: Moment) {
    if isReady, !isReadyAccepted, lastRepetition.map({ now.since($0) >= Self.pause }) ?? true {
      lastRepetition = now
      isReadyAccepted = send("READY=1")
    }
    guard let period, lastKeepAlive.map({ now.since($0) >= period }) ?? true else { return }
    lastKeepAlive = now
    send("WATCHDOG=1")
  }

  /// Reports that the process is about to end, once.
  package func stopping() {
    guard !isStopping else { return }
    isStopping = true
    send("STOPPING=1")
  }

  /// Returns whether the service manager's socket accepted the message.
  @discardableResult
  private func send(_ text: String) -> Bool { cservice_send(descriptor, path, text) == 0 }
}
