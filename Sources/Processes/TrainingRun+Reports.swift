import Coordination
import Foundation
import Logging
import Telemetry
import Wire

/// What people are told of a run while it goes on.
extension TrainingRun {
  /// Notes a report of the server in the metrics and tells it to those who listen.
  func observe(_ report: Report, at now: Moment, _ metrics: MetricsLog) {
    do {
      try writingMetrics { try metrics.note(report, at: now) }
    } catch {
      audience.logger.error("metrics cannot be written", metadata: ["error": "\(error)"])
    }
    let logger = audience.logger
    switch report {
    case .stepped(let step): audience.step(step)
    case .joined(let name, let workers):
      logger.info(
        "worker joined", metadata: ["worker.name": "\(name)", "worker.count": "\(workers)"])
    case .left(let name, let reason, let workers):
      logger.info(
        "worker left",
        metadata: [
          "worker.name": "\(name)", "reason": "\(reason)", "worker.count": "\(workers)",
        ])
    case .refused(let name, let reason):
      logger.warning(
        "peer refused", metadata: ["peer.name": "\(name)", "reason": "\(reason)"])
    case .ignored(let peer, let reason):
      logger.warning("message ignored", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
    case .rejected(let name, .rejected(let reason)):
      logger.warning(
        "result rejected", metadata: ["worker.name": "\(name)", "reason": "\(reason)"])
    case .rejected(let name, let verdict):  // late or repeated, as happens when workers come and go
      logger.debug(
        "result not applied", metadata: ["worker.name": "\(name)", "verdict": "\(verdict)"])
    case .waiting(let needed, let present):
      logger.info(
        "waiting for workers",
        metadata: [
          "worker.needed": "\(needed)", "worker.count": "\(present.count)",
          "worker.names": "\(present.joined(separator: " "))",
        ])
    case .reissued(let count, let reason):
      logger.debug("leases given out again", metadata: ["count": "\(count)", "reason": "\(reason)"])
    case .evaluated(let step, let results):
      for result in results {
        logger.debug(
          "evaluated",
          metadata: [
            "step": "\(step)", "split": "\(result.split)", "loss": "\(result.loss)",
            "accuracy": "\(result.accuracy)",
          ])
      }
    }
  }
}
