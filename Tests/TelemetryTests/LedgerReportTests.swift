import Coordination
import Foundation
import Learning
import TestSupport
import Testing

@testable import Telemetry

/// The part of the report that describes the applied samples.
@Suite struct LedgerReportTests {
  private static let applied = AppliedBatches(prefix: 9, beyond: [10, 11])

  /// 11 batches of 100 over 500 samples, with one between them missing.
  private func report(
    applied: AppliedBatches = applied, length: TrainingLength = .steps(999),
    change: (inout Audit) -> Void = { _ in }
  ) -> RunReport {
    var recipe = Recipe.tutorial
    recipe.length = length
    let plan = BatchPlan(recipe: recipe, sampleCount: 500)
    var audit = Audit.sample(applied, plan)
    change(&audit)
    return RunReport(
      dataset: "d", datasetFingerprint: "f",
      settings: TrainingSettings(recipe: recipe, mode: .async, seed: 1), outcome: .stopped,
      audit: audit, applied: applied, plan: plan, progress: RunProgress(), seconds: 1,
      kernels: "plain", model: nil)
  }

  @Test func theKeysAreInSnakeCase() throws {
    let report = report {
      ($0.duplicatesRefused, $0.staleRefused) = (1, 2)
      ($0.resultsRejected, $0.leasesReissued) = (3, 4)
    }
    let json = try JSON.object(report.json())
    let numbers = [
      "samples_applied": 1100, "duplicates_refused": 1, "stale_refused": 2,
      "results_rejected": 3, "leases_reissued": 4, "epochs_complete": 1, "epoch_size": 500,
      "open_epoch_samples": 600, "steps": 11,
    ]
    for (key, number) in numbers { #expect(json[key] as? Int == number, "\(key)") }
    #expect(json["ledger_balanced"] as? Bool == true)
  }

  @Test func auditedLeasesAreALineOfTheTable() throws {
    #expect(!report().table.contains("\naudit "))
    let one = report { ($0.leasesAudited, $0.resultsDiffering) = (1, 0) }
    #expect(one.table.contains("\naudit       1 lease computed twice, no result differed"))
    let many = report { ($0.leasesAudited, $0.resultsDiffering) = (1234, 2) }
    #expect(many.table.contains("\naudit       1,234 leases computed twice, 2 results differed"))
    let json = try JSON.object(many.json())
    #expect(json["leases_audited"] as? Int == 1234 && json["results_differing"] as? Int == 2)
  }

  @Test func countersThatDoNotAddUpAreReported() {
    let changes: [(inout Audit) -> Void] = [
      { $0.samplesApplied += 1 }, { $0.epochsComplete += 1 }, { $0.openEpochs[1]? += 1 },
      { $0.openEpochs[7] = 100 },
      // Complete and balanced in itself, but of one batch more than was applied.
      { $0.record(positions: 900..<1000, epochSize: 500) },
    ]
    for change in changes {
      let report = report(change: change)
      #expect(!report.ledgerBalanced)
      #expect(report.table.contains("\nledger      does not add up: 1,"), "\(report.table)")
    }
  }

  @Test func aSmallerLastBatchCountsWithItsSize() {
    let all = AppliedBatches(prefix: 15, beyond: [])
    let report = report(applied: all, length: .epochs(3))
    #expect(report.ledgerBalanced && report.samplesApplied == 1500)
    #expect(report.ledgerLine == "1,500 samples applied exactly once, 3 epochs of 500")
    let plan = BatchPlan(batchSize: 200, slices: 1, sampleCount: 500, length: .epochs(1))
    #expect(RunReport.samples(of: AppliedBatches(prefix: 3, beyond: []), plan: plan) == 500)
    #expect(RunReport.samples(of: AppliedBatches(prefix: 0, beyond: [2]), plan: plan) == 100)
    #expect(RunReport.samples(of: AppliedBatches(), plan: plan) == 0)
  }

  @Test func theLineCountsResultsThatWereNotApplied() {
    let books = "1,100 samples applied exactly once, 1 epoch of 500 and 600 more"
    #expect(report().ledgerLine == books)
    #expect(
      report {
        ($0.leasesReissued, $0.duplicatesRefused) = (3, 1)
      }.ledgerLine == books + "; 3 leases reissued, 1 duplicate refused")
    #expect(
      report {
        ($0.leasesReissued, $0.duplicatesRefused) = (1, 2)
        ($0.staleRefused, $0.resultsRejected) = (1_000, 1)
      }.ledgerLine == books + "; 1 lease reissued, 2 duplicates refused, "
        + "1,000 stale results refused, 1 result rejected")
  }
}
