import Coordination
import Foundation
import Logging
import Numerics
import Telemetry
import Wire

/// What people are told of a run while it goes on.
extension TrainingRun {
  /// Notes a report of the server in the metrics and tells it to those who listen.
  func observe(_ report: Report, at now: Moment, _ metrics: MetricsLog) {
    write(metrics) { try $0.note(report, at: now) }
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
      logger.debug(
        "leases given out again", metadata: ["count": "\(count)", "reason": "\(reason)"])
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

  /// Writes metrics; a run does not end because they cannot be written.
  func write(_ metrics: MetricsLog, _ work: (MetricsLog) throws -> Void) {
    do {
      try writingMetrics { try work(metrics) }
    } catch {
      audience.logger.error("metrics cannot be written", metadata: ["error": "\(error)"])
    }
  }

  /// Says what became of checkpoints; without a new one the older ones stay, and the run goes on.
  func tell(_ outcomes: [CheckpointWriter.Outcome]) {
    for outcome in outcomes {
      switch outcome {
      case .written(let step, let path):
        audience.logger.debug(
          "checkpoint written", metadata: ["step": "\(step)", "file": "\(path)"])
      case .failed(let step, let reason):
        audience.logger.error(
          "checkpoint cannot be written", metadata: ["step": "\(step)", "error": "\(reason)"])
      }
    }
  }
}
