import Bytes
import Numerics
import Wire

/// The check of results that are not finite: they show either that the training diverges or that a
/// worker is faulty.
///
/// Results are reproducible bit by bit. So the work is computed again with the same weights, by
/// another worker if there is one: the same bits prove that the training diverges, other bits that
/// a worker is faulty. So no worker is blamed for a learning rate, and no broken machine ends a
/// run.
struct Arbitration: Sendable {
  /// The conclusion from a result.
  enum Conclusion: Sendable {
    /// The work must be computed again.
    case open
    /// The training diverges; the reason in words.
    case diverged(String)
    /// The results of these workers are not reproducible, and the disputed result is finite.
    case faulty([WorkerIncarnation])
  }

  /// Work with a result that is not finite.
  struct Dispute: Sendable {
    /// The work.
    let work: Work
    /// The version of the weights with which it is computed again, and these weights.
    let version: UInt64, weights: PiecewiseVector
    /// The results that are not finite, of these weights.
    fileprivate(set) var findings: [(worker: WorkerIncarnation, bits: UInt64)]
    /// The worker with a result of older weights that was not finite.
    fileprivate(set) var suspect: WorkerIncarnation?
    /// The lease under which the work is being computed again.
    var lease: LeaseID?

    /// The workers with a result of the work that is not finite.
    var workers: [WorkerIncarnation] { provenWorkers + (suspect.map { [$0] } ?? []) }
    /// Those of them whose result is of the weights of the dispute.
    var provenWorkers: [WorkerIncarnation] { findings.map(\.worker) }
  }

  /// Results with different bits that are not finite, after which a run counts as diverged.
  private static let mostFindings = 3
  /// Maximum number of further disputed works; more of them are computed again without a check.
  private static let mostParked = 1024

  /// The dispute that is being decided; nil if there is none.
  private(set) var dispute: Dispute?
  /// Further work with results that are not finite, until the dispute is decided.
  private(set) var parked: [Work] = []

  /// Whether the work of the dispute waits for a worker.
  var needsLease: Bool { dispute.map { $0.lease == nil } ?? false }

  /// Records a result that is not finite, whose lease does not belong to the dispute.
  ///
  /// - Parameters:
  ///   - version: the version of `weights`, with which the work can be computed again.
  /// - Returns: false if the work should simply be leased again.
  mutating func open(
    _ result: LeaseResult, work: Work, by worker: WorkerIncarnation, version: UInt64,
    weights: PiecewiseVector
  ) -> Bool {
    guard dispute == nil else {
      guard parked.count < Self.mostParked else { return false }
      parked.append(work)
      return true
    }
    let isSameVersion = result.version == version
    dispute = Dispute(
      work: work, version: version, weights: weights,
      findings: isSameVersion ? [(worker, result.digest)] : [],
      suspect: isSameVersion ? nil : worker, lease: nil)
    return true
  }

  /// Records the lease under which the work is computed again.
  mutating func assign(_ lease: LeaseID?) { dispute?.lease = lease }

  /// Records a result of the dispute's lease that is not finite.
  mutating func confirm(_ result: LeaseResult, by worker: WorkerIncarnation) -> Conclusion {
    guard dispute != nil else { return .open }
    let bits = result.digest
    let previous = dispute?.findings ?? []
    dispute?.findings.append((worker, bits))
    dispute?.lease = nil
    if let same = previous.first(where: { $0.bits == bits }) {
      return .diverged(
        same.worker == worker
          ? "the only worker computed a gradient that is not finite, twice with the same result"
          : "two workers computed the same gradient, which is not finite")
    }
    guard previous.count + 1 < Self.mostFindings else {
      return .diverged("\(Self.mostFindings) computations of one gradient were not finite")
    }
    return .open
  }

  /// Records a finite result of the dispute's lease.
  mutating func refute(by worker: WorkerIncarnation) -> Conclusion {
    .faulty((dispute?.workers ?? []).filter { $0 != worker })
  }

  /// Ends the dispute, and returns the work that must be leased again.
  mutating func close() -> [Work] {
    defer { (dispute, parked) = (nil, []) }
    return parked
  }
}

extension LeaseResult {
  /// A hash of the bits of all numbers. All NaNs count as the same, since the bits of a NaN depend
  /// on the processor.
  fileprivate var digest: UInt64 {
    var hash = FNV1a()
    for sums in sums {
      hash.combine(word: sums.lossSum.isNaN ? 1 : sums.lossSum.bitPattern)
      hash.combine(word: sums.correct)
    }
    for part in contributions {
      for value in part.values.floats {
        hash.combine(word: value.isNaN ? 1 : UInt64(value.bitPattern))
      }
    }
    return hash.value
  }
}

extension FNV1a {
  fileprivate mutating func combine(word: UInt64) {
    combine((0..<8).lazy.map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) })
  }
}
