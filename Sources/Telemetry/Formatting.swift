import Foundation

/// Texts of numbers and durations, independent of the locale.
package enum Formatting {
  /// Returns a number with this many digits after the decimal point.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    return String(format: "%.\(digits)f", value)
  }

  /// Returns a number rounded to an integer, with commas between thousands.
  static func grouped(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return fixed(value, 0) }
    let digits = Array(String(Int(abs(value).rounded())))
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  /// Returns a count with commas between thousands.
  package static func grouped(_ count: UInt64) -> String { grouped(Double(count)) }

  /// Returns a share, 0 to 1, as a percentage with two decimals.
  static func percent(_ share: Double) -> String { fixed(share * 100, 2) + " %" }

  /// Returns hours, minutes and seconds, such as 0:07 or 1:02:03.
  static func time(_ duration: Duration) -> String {
    let total = max(Int(duration.components.seconds), 0)
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60)
    let tail = (seconds < 10 ? "0" : "") + "\(seconds)"
    guard hours > 0 else { return "\(minutes):\(tail)" }
    return "\(hours):" + (minutes < 10 ? "0" : "") + "\(minutes):\(tail)"
  }
}
