import Learning
import Numerics
import Wire

@testable import Coordination

extension Moment {
  /// The moment this many seconds after the clock's start.
  static func seconds(_ seconds: Double) -> Moment {
    Moment(nanoseconds: UInt64((seconds * 1e9).rounded()))
  }
}

extension StepReport {
  /// An update on 100 samples, 43 of them correct, with a mean loss of 1.850881.
  static func sample(
    _ step: UInt64, of steps: UInt64 = 999, epoch: UInt64 = 0, loss: Double = 185.0881,
    correct: UInt64 = 43, count: UInt64 = 100, norm: Float = 2.5, staleness: UInt64 = 0,
    workers: Int = 2
  ) -> StepReport {
    StepReport(
      step: step, steps: steps, epoch: epoch,
      sums: SampleSums(lossSum: loss, correct: correct, count: count),
      learningRate: 0.001, gradientNorm: norm, staleness: staleness, workers: workers)
  }
}

extension Report {
  /// A wrong result of lease 77, in step 30.
  static func sampleDifference(name: String) -> Report {
    .differed(
      AuditDifference(
        name: name, lease: LeaseID(incarnation: 1, counter: 77), step: 30, firstStep: 1,
        isUndone: true))
  }
}

extension SplitEvaluation {
  /// An evaluation of 1000 samples.
  static func sample(_ split: Split, loss: Double = 0.25, correct: UInt64 = 900) -> Self {
    SplitEvaluation(
      split: split, sums: SampleSums(lossSum: loss * 1000, correct: correct, count: 1000))
  }
}

extension Audit {
  /// The counters after exactly these batches.
  static func sample(_ applied: AppliedBatches, _ plan: BatchPlan) -> Audit {
    var audit = Audit()
    for batch in Array(0..<applied.prefix) + applied.beyond {
      audit.record(positions: plan.positions(batch: batch), epochSize: UInt64(plan.sampleCount))
    }
    return audit
  }
}
