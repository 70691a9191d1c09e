/// The workers with results in the weights that were not audited, each with the first step that
/// contains one.
///
/// If one of them turns out to be faulty, the weights before that step are not affected.
package struct Contributors: Sendable, Hashable {
  /// Maximum number of workers that are recorded by name.
  package static let limit = 1024

  /// The first step with a result of each worker, by name: a worker that was restarted is the same.
  package private(set) var firstSteps: [String: UInt64] = [:]
  /// The first step with a result of any other worker.
  package private(set) var firstOfOthers: UInt64?

  /// Creates a record without workers.
  package init() {}

  /// Creates a record from its parts; names above the limit count as others.
  package init(firstSteps: [String: UInt64], firstOfOthers: UInt64?) {
    self.firstOfOthers = firstOfOthers
    for (name, step) in firstSteps.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
      note(name, step: step)
    }
  }

  /// The record of weights after `steps` updates whose contributors are not known.
  package static func unknown(steps: UInt64) -> Contributors {
    Contributors(firstSteps: [:], firstOfOthers: steps > 0 ? 1 : nil)
  }

  /// Records that a result of a worker is part of an update.
  package mutating func note(_ name: String, step: UInt64) {
    guard firstSteps[name] == nil else { return }
    if firstSteps.count < Self.limit {
      firstSteps[name] = step
    } else {
      firstOfOthers = min(firstOfOthers ?? step, step)
    }
  }

  /// Returns the first step that may contain a result of a worker; nil if none does.
  package func firstStep(of name: String) -> UInt64? {
    [firstSteps[name], firstOfOthers].compactMap { $0 }.min()
  }

  /// All steps before which a run may have to be resumed.
  package var steps: Set<UInt64> {
    Set(firstSteps.values).union(firstOfOthers.map { [$0] } ?? [])
  }

  /// Returns the record of the weights after `step` updates.
  package func upTo(_ step: UInt64) -> Contributors {
    var record = self
    record.firstSteps = firstSteps.filter { $0.value <= step }
    if let first = firstOfOthers, first > step { record.firstOfOthers = nil }
    return record
  }
}
