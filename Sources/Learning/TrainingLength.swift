/// When training ends. The text form is `epochs:11` or `steps:999`, and parses back.
package enum TrainingLength: Sendable, Hashable {
  /// After every training sample has been used this many times.
  case epochs(UInt64)
  /// After this many updates of the weights.
  case steps(UInt64)

  /// The longest training that may be asked for, in epochs.
  package static let maximumEpochs: UInt64 = 1_000_000
  /// The longest training that may be asked for, in steps.
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
  /// Reads `epochs:E` or `steps:N`; nil for anything else. The range is not checked here.
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
