/// The limit on the mean gradient of a batch, applied before Adam's update.
///
/// The text form is `none`, `value:1` or `norm:5`; parsing it returns the same value.
package enum Clip: Sendable, Hashable {
  /// The gradient is not limited.
  case none
  /// Every element is clamped to [-bound, bound].
  case value(Float)
  /// The whole gradient is scaled so that its Euclidean norm over all trainable tensors is at most
  /// the bound (Pascanu, Mikolov & Bengio 2013).
  case norm(Float)

  /// Returns the factor for every element of a gradient with the given global norm:
  /// `bound * min(1 / norm, 1 / bound)`, as in TensorFlow's `clip_by_global_norm`.
  func factor(norm: Float) -> Float {
    guard case .norm(let bound) = self else { return 1 }
    return bound * min(1 / norm, 1 / bound)
  }
}

extension Clip: LosslessStringConvertible {
  /// Creates a limit from `none`, `value:X` or `norm:X` with a finite X above 0 that has a finite
  /// inverse; nil for any other text.
  package init?(_ text: String) {
    if text == "none" {
      self = .none
      return
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let bound = Float(parts[1]), bound > 0, bound.isNormal else {
      return nil
    }
    switch parts[0] {
    case "value": self = .value(bound)
    case "norm": self = .norm(bound)
    default: return nil
    }
  }

  package var description: String {
    switch self {
    case .none: "none"
    case .value(let bound): "value:\(settingText(bound))"
    case .norm(let bound): "norm:\(settingText(bound))"
    }
  }
}

/// Returns the shortest text that parses to `number`; integers have no fraction.
func settingText(_ number: Float) -> String {
  let text = number.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
