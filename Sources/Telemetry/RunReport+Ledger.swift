import Coordination
import Learning

/// The line of the table that summarizes the ledger.
extension RunReport {
  /// Returns the number of samples in these batches.
  static func samples(of applied: AppliedBatches, plan: BatchPlan) -> UInt64 {
    let end = applied.prefix == 0 ? 0 : plan.positions(batch: applied.prefix - 1).upperBound
    return applied.beyond.reduce(end) { $0 + UInt64(plan.size(ofBatch: $1)) }
  }

  /// The samples that were applied, and the counts of reissued leases and refused results.
  var ledgerLine: String {
    guard ledgerBalanced else {
      return "does not add up: \(Formatting.grouped(samplesApplied)) samples in \(steps) steps"
    }
    let trouble = [
      (leasesReissued, "lease", "reissued"), (duplicatesRefused, "duplicate", "refused"),
      (staleRefused, "stale result", "refused"), (resultsRejected, "result", "rejected"),
    ].filter { $0.0 > 0 }.map { "\(counted($0.0, $0.1)) \($0.2)" }
    return ([epochs] + (trouble.isEmpty ? [] : [trouble.joined(separator: ", ")]))
      .joined(separator: "; ")
  }

  /// The number of audited leases, and of results that differed.
  var auditLine: String {
    let differing = resultsDiffering == 0 ? "no result" : counted(resultsDiffering, "result")
    return "\(counted(leasesAudited, "lease")) computed twice, \(differing) differed"
  }

  private var epochs: String {
    let complete = counted(epochsComplete, "epoch") + " of \(Formatting.grouped(epochSize))"
    let open = openEpochSamples > 0 ? " and \(Formatting.grouped(openEpochSamples)) more" : ""
    return "\(counted(samplesApplied, "sample")) applied exactly once, \(complete)\(open)"
  }

  private func counted(_ count: UInt64, _ thing: String) -> String {
    "\(Formatting.grouped(count)) \(thing)\(count == 1 ? "" : "s")"
  }
}
