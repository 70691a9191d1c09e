import Foundation

/// How numbers are written for people, the same whatever the locale.
enum Formatting {
  /// A number with so many digits behind the point.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    return String(format: "%.\(digits)f", locale: Locale(identifier: "en_US_POSIX"), value)
  }

  /// A whole number with commas between the thousands.
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

  /// A share as a percentage with two digits behind the point.
  static func percent(_ share: Double) -> String { fixed(share * 100, 2) + " %" }

  /// Hours, minutes and seconds, such as 0:07 or 1:02:03.
  static func time(_ duration: Duration) -> String {
    let total = max(Int(duration.components.seconds), 0)
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60)
    let tail = (seconds < 10 ? "0" : "") + "\(seconds)"
    guard hours > 0 else { return "\(minutes):\(tail)" }
    return "\(hours):" + (minutes < 10 ? "0" : "") + "\(minutes):\(tail)"
  }
}
