/// A rule that holds in every schedule.
package enum Invariant: String, CaseIterable, Sendable {
  /// The weights version equals the number of updates.
  case oneUpdate = "the weights version increases by one with each update, and only then"
  /// Each unit of work is applied exactly once, across all incarnations of the server.
  case onceOnly = "no work is applied twice"
  /// Results of other weights, another batch or another incarnation of the server are not applied.
  case genuine = "an applied result is the one that its lease requires"
  /// The counters of the core agree with each other and with the observed events and effects.
  case counters = "ledger, audit and version are consistent"
  /// No gradient is older, and no worker is further ahead, than the settings allow.
  case staleness = "staleness and lead do not exceed their limits"
  /// The number of held leases, the queues and the ledger do not grow without limit.
  case bounds = "queues and ledger are bounded"
  /// A requested tick has an effect or schedules a later one; otherwise the process would spin.
  case idle = "an idle core does not request ticks"
  /// Every due evaluation covers each sample once, with the stated version of the weights.
  case evaluations = "an evaluation covers one version and all samples"
  /// In mode `sync`, the weights of every version equal those of the undisturbed run.
  case sameBits = "the weights equal those of the undisturbed run bit by bit"
  /// At the end, the counted samples of every epoch equal its size.
  case epochs = "every epoch is complete at the end"
  /// A checkpoint contains the state at its time, and a restarted server resumes from exactly that
  /// state.
  case checkpoints = "a checkpoint contains the state of its step"
  /// Every result of a session is answered by one verdict, at the latest with the next leases.
  case verdicts = "every result gets one verdict"
  /// The bytes of unacknowledged tensors in a session do not exceed the window.
  case credit = "the bytes under way in a session do not exceed its window"
  /// A worker that was not affected by a fault keeps its session, and none of its results is
  /// rejected as wrong.
  case honesty = "an honest worker is neither evicted nor rejected"
  /// The number of effects of an event does not depend on the number of workers, unless it changes
  /// what they compute.
  case cost = "the number of effects of an event is bounded"
  /// After the last fault, the run completes within a time limit.
  case progress = "the run completes after the last fault"
  /// After the run, all workers exit within a time limit.
  case farewells = "the workers exit after the run"
  /// Decoding an encoded message returns the same message.
  case bytes = "encoding preserves every message"
}

/// A violated invariant with the observed values.
package struct Violation: Error, Equatable, CustomStringConvertible {
  /// The rule.
  package let invariant: Invariant
  /// The observed values.
  package let detail: String

  init(_ invariant: Invariant, _ detail: String) {
    self.invariant = invariant
    self.detail = detail
  }

  package var description: String { "\(invariant.rawValue): \(detail)" }
}

/// Throws a violation if `holds` is false.
func require(
  _ holds: Bool, _ invariant: Invariant, _ detail: @autoclosure () -> String
) throws(Violation) {
  guard holds else { throw Violation(invariant, detail()) }
}
