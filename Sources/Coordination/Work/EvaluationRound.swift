package import Numerics
package import Wire

/// Loss and accuracy over all samples of one split, for one version of the weights.
package struct SplitEvaluation: Hashable, Sendable {
  /// The evaluated split.
  package let split: Split
  /// Sums over all samples of the split.
  package let sums: SampleSums

  /// Creates an evaluation from its parts.
  package init(split: Split, sums: SampleSums) {
    self.split = split
    self.sums = sums
  }

  /// Mean cross entropy in nats.
  package var loss: Double { sums.meanLoss }
  /// Fraction of the samples whose largest logit is that of the label, from 0 to 1.
  package var accuracy: Double { sums.accuracy }
}

/// Progress of the evaluation of one split.
package struct EvaluationProgress: Hashable, Sendable {
  /// The split.
  package let split: Split
  /// Samples evaluated, and samples of the split.
  package let done: UInt64, total: UInt64

  /// Creates the progress from its parts.
  package init(split: Split, done: UInt64, total: UInt64) {
    self.split = split
    self.done = done
    self.total = total
  }
}

/// An evaluation of whole splits, divided into runs of samples that are leased like other work.
///
/// The length of a run does not depend on the number of workers, and the sums are added in a fixed
/// order, so the loss has the same bits whichever worker computed which run.
struct EvaluationRound: Sendable {
  /// Samples in a run; the last run of a split may be shorter.
  static let runLength: UInt64 = 500

  private let runs: [Work]
  private var open: [Int]
  private var sums: [SampleSums?]
  private let splits: [Split]
  private var done: [Split: UInt64] = [:]
  private let totals: [Split: UInt64]

  /// Reports of progress for each split, at most.
  private static let reports: UInt64 = 100

  /// Creates a round over `splits`, each with its number of samples. Empty splits are left out; the
  /// result is nil if all are empty.
  init?(_ splits: [(split: Split, count: Int)]) {
    let splits = splits.filter { $0.count > 0 }
    guard !splits.isEmpty else { return nil }
    runs = splits.flatMap { Self.runs(of: $0.split, count: UInt64($0.count)) }
    open = Array(runs.indices)
    sums = Array(repeating: nil, count: runs.count)
    self.splits = splits.map(\.split)
    totals = Dictionary(uniqueKeysWithValues: splits.map { ($0.split, UInt64($0.count)) })
  }

  /// The progress before the first result.
  var beginning: EvaluationProgress {
    EvaluationProgress(split: splits[0], done: 0, total: totals[splits[0]] ?? 0)
  }

  /// Removes and returns the next run that is not leased.
  mutating func popNext() -> Work? {
    open.isEmpty ? nil : runs[open.removeFirst()]
  }

  /// Makes a run available again; work of another stage is ignored.
  mutating func reopen(_ work: Work) {
    guard let index = runs.firstIndex(of: work) else { return }
    open.append(index)
  }

  /// Records the sums of a run; work of another stage is ignored.
  ///
  /// - Returns: the progress of the split, at most once for each percent of it.
  @discardableResult
  mutating func add(_ work: Work, _ result: SampleSums) -> EvaluationProgress? {
    guard let index = runs.firstIndex(of: work), let split = work.split else { return nil }
    let isNew = sums[index] == nil
    sums[index] = result
    guard isNew, let total = totals[split] else { return nil }
    let before = done[split, default: 0]
    let now = before + result.count
    done[split] = now
    guard now * Self.reports / total > before * Self.reports / total else { return nil }
    return EvaluationProgress(split: split, done: now, total: total)
  }

  /// One evaluation per split, or nil until all runs have results.
  var total: [SplitEvaluation]? {
    guard sums.allSatisfy({ $0 != nil }) else { return nil }
    return splits.map { split in
      let parts = zip(runs, sums).filter { $0.0.split == split }.compactMap(\.1)
      return SplitEvaluation(split: split, sums: SampleSums(adding: parts))
    }
  }

  private static func runs(of split: Split, count: UInt64) -> [Work] {
    stride(from: 0, to: count, by: Int(runLength)).map { start in
      .evaluate(split: split, samples: start..<min(start + runLength, count))
    }
  }
}

extension Work {
  fileprivate var split: Split? {
    if case .evaluate(let split, _) = self { split } else { nil }
  }
}
