import Coordination
import Foundation
import Logging

/// What a launcher does to its own children, to show what the others make of it.
extension Launcher {
  /// Does what is due when the training has come to `step`.
  func unleash(at step: UInt64) {
    for event in chaos.take(at: step) {
      logger.warning("chaos", metadata: ["event": "\(event)", "step": "\(step)"])
      guard let charge = charge(event.target), charge.isRunning else { continue }
      switch event.action {
      case .kill, .restart:
        charge.provocation = event.action
        charge.send(SIGKILL)
      case .term:
        charge.provocation = event.action
        charge.send(SIGTERM)
      case .stop:
        charge.send(SIGSTOP)
        stopped.append((charge, clock.now.advanced(by: event.pause)))
      }
    }
  }

  /// Lets those go on whose time has come.
  func resume() {
    let now = clock.now
    for (charge, until) in stopped where now >= until { charge.send(SIGCONT) }
    stopped.removeAll { now >= $0.until }
  }

  private func charge(_ target: ChaosEvent.Target) -> Charge? {
    switch target {
    case .server: server
    case .worker(let number): workers.indices.contains(number - 1) ? workers[number - 1] : nil
    }
  }
}
