import Coordination
import Foundation
import Logging

/// Fault injection: kills, stops or restarts supervised processes at given steps.
struct ChaosInjector {
  private var pending: Chaos
  /// Processes that a stop event has stopped, and when each is continued.
  private var stopped: [(process: SupervisedProcess, until: Moment)] = []
  private let server: SupervisedProcess
  private let workers: [SupervisedProcess]
  private let logger: Logger

  /// Creates an injector for the processes of one launcher.
  init(
    _ chaos: Chaos, server: SupervisedProcess, workers: [SupervisedProcess], logger: Logger
  ) {
    pending = chaos
    self.server = server
    self.workers = workers
    self.logger = logger
  }

  /// Executes the events that are due when the training has reached `step`.
  mutating func trigger(at step: UInt64, now: Moment) {
    for event in pending.take(at: step) {
      logger.warning("chaos", metadata: ["event": "\(event)", "step": "\(step)"])
      guard let process = process(event.target), process.isRunning else { continue }
      switch event.action {
      case .kill, .term:
        process.uncountedRestart = .afterPause
        process.send(event.action == .kill ? SIGKILL : SIGTERM)
      case .restart:
        process.uncountedRestart = .immediate
        process.send(SIGKILL)
      case .stop:
        process.add(.fault)
        stopped.append((process, now.advanced(by: event.pause)))
      }
    }
  }

  /// Continues the processes whose stop is over.
  mutating func continueStopped(at now: Moment) {
    let over = stopped.filter { now >= $0.until }
    stopped.removeAll { now >= $0.until }
    for (process, _) in over where !stopped.contains(where: { $0.process === process }) {
      process.remove(.fault)
    }
  }

  /// Continues every process.
  mutating func continueAll() {
    for (process, _) in stopped { process.remove(.fault) }
    stopped = []
  }

  /// Logs the events whose steps were never reached.
  func reportUntriggered() {
    for event in pending.events {
      logger.warning("chaos event never triggered", metadata: ["event": "\(event)"])
    }
  }

  private func process(_ target: ChaosEvent.Target) -> SupervisedProcess? {
    switch target {
    case .server: server
    case .worker(let number): workers.indices.contains(number - 1) ? workers[number - 1] : nil
    }
  }
}
