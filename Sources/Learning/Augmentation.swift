/// How a training image is changed at random each time it is used, so that no epoch shows it as
/// the one before did. Evaluations see the images as they are.
///
/// The text form is `none` or `affine:SHIFT,WARP`, and parses back to the same value.
package enum Augmentation: Sendable, Hashable {
  /// The images are used as they are.
  case none
  /// The image is seen through x ↦ (1 + W) x + s about its centre, where both coordinates of s are
  /// drawn from ±shift pixels and all four of W from ±warp. W turns, stretches and slants at once:
  /// 0.15 allows for turns of 9 degrees together with 15 % of scale in each direction.
  case affine(shift: Float, warp: Float)

  /// The greatest shift, in pixels.
  package static let maximumShift: Float = 1000
  /// The greatest warp.
  package static let maximumWarp: Float = 1
}

extension Augmentation: LosslessStringConvertible {
  /// Reads `none` or `affine:SHIFT,WARP` with a shift in 0...1000 and a warp in 0...1; nil for
  /// anything else.
  package init?(_ text: String) {
    if text == "none" {
      self = .none
      return
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "affine" else { return nil }
    let numbers = parts[1].split(separator: ",", omittingEmptySubsequences: false)
    guard numbers.count == 2, let shift = Float(numbers[0]), let warp = Float(numbers[1]),
      (0...Self.maximumShift).contains(shift), (0...Self.maximumWarp).contains(warp)
    else { return nil }
    self = .affine(shift: shift, warp: warp)
  }

  package var description: String {
    switch self {
    case .none: "none"
    case .affine(let shift, let warp): "affine:\(settingText(shift)),\(settingText(warp))"
    }
  }
}
