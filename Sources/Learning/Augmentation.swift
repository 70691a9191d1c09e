/// The random transformation of training images, applied each time an image is used, so that it
/// differs between epochs. Evaluations use the original images.
///
/// The text form is `none` or `affine:SHIFT,WARP`; parsing it returns the same value.
package enum Augmentation: Sendable, Hashable {
  /// Images are not changed.
  case none
  /// The map x ↦ (1 + W) x + s about the image centre, where both coordinates of s are drawn from
  /// ±shift pixels and all four elements of W from ±warp. W combines rotation, scaling and shear:
  /// 0.15 allows rotations of 9 degrees together with 15 % scaling in each direction.
  case affine(shift: Float, warp: Float)

  /// The maximum shift, in pixels.
  package static let maximumShift: Float = 1000
  /// The maximum warp.
  package static let maximumWarp: Float = 1
}

extension Augmentation: LosslessStringConvertible {
  /// Creates an augmentation from `none` or `affine:SHIFT,WARP` with a shift in 0...1000 and a warp
  /// in 0...1; nil for any other text.
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
