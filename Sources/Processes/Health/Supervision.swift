import Coordination
import Telemetry
import Wire

/// The reports of a server to those that supervise it: the health endpoint, the service manager,
/// and the launcher. Used by the server's thread.
final class Supervision {
  private let state = HealthState()
  private let health: HealthServer?
  private let notifier: ServiceNotifier?
  private let control: ControlChannel?
  private var lastLine: Moment?

  /// The time between two lines to the launcher, which are also the server's keep-alive messages.
  private static let pause = Duration.seconds(1)

  /// Starts to listen at the health endpoint, if there is one.
  ///
  /// - Throws: ``HealthError``.
  init(
    health endpoint: HealthEndpoint?, notifier: ServiceNotifier?, control: ControlChannel?,
    clock: MonotonicClock
  ) throws(HealthError) {
    if let endpoint {
      health = try HealthServer(at: endpoint, state, clock: clock)
    } else {
      health = nil
    }
    self.notifier = notifier
    self.control = control
  }

  /// The health endpoint in use.
  var endpoint: String? { health?.endpoint }

  /// Reports that workers can connect.
  func listens() { notifier?.ready() }

  /// Reports a turn of the server's loop.
  func turned(_ status: RunStatus, at now: Moment) {
    state.publish(status, at: now)
    notifier?.turn(at: now)
    switch status.phase {
    case .complete, .stopped, .diverged: notifier?.stopping()
    case .waiting, .training, .evaluating: break
    }
    guard notifier != nil || control != nil,
      lastLine.map({ now.since($0) >= Self.pause }) ?? true
    else { return }
    lastLine = now
    let line = StatusReport(status).line
    notifier?.report(line, at: now)
    control?.send(.status(line))
  }

  /// Reports that the loop has ended for good: the server writes its last files.
  func end() {
    state.end()
    notifier?.stopping()
  }

  /// Closes the health endpoint. Call it once.
  func close() { health?.stop() }
}
