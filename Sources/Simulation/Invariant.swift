/// A rule that no schedule may break.
package enum Invariant: String, CaseIterable, Sendable {
  /// The version of the weights is the number of updates.
  case oneUpdate = "the version grows by one with each update, and only then"
  /// Exactly once, over all lives of the server.
  case onceOnly = "no work is applied twice"
  /// Nothing of other weights, another batch, or another life of the server.
  case genuine = "what is applied is what its lease asked for"
  /// The core's books agree with one another, and with what was seen from outside.
  case books = "ledger, audit and version agree"
  /// No gradient is older, and no worker further ahead, than the settings allow.
  case staleness = "staleness and lead stay within their bounds"
  /// Leases in hand, queues and books do not grow for ever.
  case bounds = "queues and books are bounded"
  /// Whoever asks for a tick has something to do then: else the process would spin.
  case rest = "a core with nothing to do lets time pass"
  /// Evaluations cover every sample once, with the weights they name, whenever they are due.
  case evaluations = "an evaluation is of one version and of all samples"
  /// In `sync`: the weights of every version are those of the undisturbed training.
  case sameBits = "the weights are the undisturbed run's, to the bit"
  /// At the end every epoch was counted to exactly its size.
  case epochs = "every epoch is complete at the end"
  /// A checkpoint holds the state of its moment, and a server goes on from exactly there.
  case checkpoints = "a checkpoint is the state it claims to be"
  /// Once nothing goes wrong any more, the run is completed in bounded time.
  case progress = "the run is completed once nothing goes wrong any more"
  /// After the run all workers end in bounded time.
  case farewells = "the workers end after the run"
  /// Every message is read back from its bytes as it was.
  case bytes = "every message survives its bytes"
}

/// An invariant that does not hold, and how that shows.
package struct Violation: Error, Equatable, CustomStringConvertible {
  /// The rule.
  package let invariant: Invariant
  /// What was found.
  package let detail: String

  init(_ invariant: Invariant, _ detail: String) {
    self.invariant = invariant
    self.detail = detail
  }

  package var description: String { "\(invariant.rawValue): \(detail)" }
}

/// Throws unless `holds`.
func require(
  _ holds: Bool, _ invariant: Invariant, _ detail: @autoclosure () -> String
) throws(Violation) {
  guard holds else { throw Violation(invariant, detail()) }
}
