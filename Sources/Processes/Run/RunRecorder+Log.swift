import Coordination
import Foundation
import Logging
import Numerics
import Telemetry
import Wire

/// The log of a run.
extension RunRecorder {
  /// Calls back for an update; logs any other report. Those that peers can cause at will are
  /// limited by ``strangers`` and ``arrivals``.
  func log(_ report: Report, at now: Moment) {
    guard mayLog(report, at: now) else { return }
    let logger = display.logger
    switch report {
    case .stepped(let step): display.step(step)
    case .evaluating: break
    case .joined(let name, let workers):
      logger.info(
        "worker joined", metadata: ["worker.name": "\(name)", "worker.count": "\(workers)"])
    case .left(let name, let reason, let workers):
      logger.info(
        "worker left",
        metadata: [
          "worker.name": "\(name)", "reason": "\(reason)", "worker.count": "\(workers)",
        ])
    case .refused(let kind, let name, let reason):
      logger.warning(
        "peer refused",
        metadata: ["peer.name": "\(name)", "kind": "\(kind.rawValue)", "reason": "\(reason)"])
    case .closed(let kind, let count, let detail):
      logger.warning(
        "connections refused",
        metadata: ["kind": "\(kind.rawValue)", "count": "\(count)", "detail": "\(detail)"])
    case .ignored(let peer, let reason):
      logger.warning("message ignored", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
    case .rejected(let name, .rejected(let reason)):
      logger.warning(
        "result rejected", metadata: ["worker.name": "\(name)", "reason": "\(reason)"])
    case .rejected(let name, let verdict):  // late or repeated: expected when workers change
      logger.debug(
        "result not applied", metadata: ["worker.name": "\(name)", "verdict": "\(verdict)"])
    case .waiting(let needed, let present, let names):
      logger.info(
        "waiting for workers",
        metadata: [
          "worker.needed": "\(needed)", "worker.count": "\(present)",
          "worker.names": "\(names.joined(separator: " "))",
        ])
    case .disputed(let name):
      logger.warning(
        "result is not finite, the server computes its work", metadata: ["worker.name": "\(name)"])
    case .differing(let lease):
      logger.warning(
        "results of an audited lease differ, the server computes it",
        metadata: ["lease": "\(lease.counter)"])
    case .differed(let difference): log(difference)
    case .slow(let name, let isSlow):
      logger.info(
        isSlow
          ? "worker is slow, it gets copies of other workers' leases only"
          : "worker is no longer slow", metadata: ["worker.name": "\(name)"])
    case .diverged(let reason):
      logger.error("training diverged", metadata: ["reason": "\(reason)"])
    case .reissued(let count, let reason):
      logger.debug(
        "leases reissued", metadata: ["count": "\(count)", "reason": "\(reason)"])
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

  private func log(_ difference: AuditDifference) {
    var metadata: Logger.Metadata = [
      "worker.name": "\(difference.name)", "lease": "\(difference.lease.counter)",
      "step": "\(difference.step)",
    ]
    if let first = difference.firstStep {
      metadata["unaudited.since"] = "step \(first)"
      metadata["remedy"] =
        difference.isUndone
        ? "the run returns to the weights before that step"
        : "use --audit-replay to compute that part again"
    }
    display.logger.error("worker is faulty: an audited result is wrong", metadata: metadata)
  }

  private func mayLog(_ report: Report, at now: Moment) -> Bool {
    switch report {
    case .refused, .closed, .ignored:
      guard let suppressed = strangers.take(at: now) else { return false }
      logSuppressed(suppressed)
    case .joined, .left:
      guard let suppressed = arrivals.take(at: now) else { return false }
      logSuppressed(suppressed)
    default: break
    }
    return true
  }

  /// Logs the number of reports about peers that were not logged.
  func logSuppressed(_ count: UInt64) {
    guard count > 0 else { return }
    display.logger.warning("… and \(Formatting.grouped(count)) more lines about peers")
  }

  /// Logs the outcome of a checkpoint. After a failure the older ones stay, and the run continues.
  func log(_ outcome: CheckpointWriter.Outcome) {
    switch outcome {
    case .written(let step, _, let path):
      display.logger.debug(
        "checkpoint written", metadata: ["step": "\(step)", "file": "\(path)"])
    case .failed(let step, _, let reason):
      display.logger.error(
        "checkpoint cannot be written", metadata: ["step": "\(step)", "error": "\(reason)"])
    }
  }

  func keysFailed(_ error: any Error) {
    display.logger.error(
      "list of keys cannot be used, the former one stays valid", metadata: ["error": "\(error)"])
  }
}
