/// The length of a training. The text form is `epochs:11` or `steps:999`, and parses back to the
/// same value.
package enum TrainingLength: Sendable, Hashable {
  /// A number of passes over the training set.
  case epochs(UInt64)
  /// A number of updates of the weights.
  case steps(UInt64)

  /// The greatest allowed number of epochs.
  package static let maximumEpochs: UInt64 = 1_000_000
  /// The greatest allowed number of steps.
  package static let maximumSteps: UInt64 = 1_000_000_000

  /// Whether the length is at least 1 and at most the maximum of its kind.
  package var isValid: Bool {
    switch self {
    case .epochs(let count): (1...Self.maximumEpochs).contains(count)
    case .steps(let count): (1...Self.maximumSteps).contains(count)
    }
  }
}

extension TrainingLength: LosslessStringConvertible {
  /// Creates the length of a text `epochs:E` or `steps:N`; nil for anything else. The range is not
  /// checked: see ``isValid``.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let count = UInt64(parts[1]) else { return nil }
    switch parts[0] {
    case "epochs": self = .epochs(count)
    case "steps": self = .steps(count)
    default: return nil
    }
  }

  package var description: String {
    switch self {
    case .epochs(let count): "epochs:\(count)"
    case .steps(let count): "steps:\(count)"
    }
  }
}
