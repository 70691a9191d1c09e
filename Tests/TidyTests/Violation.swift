import Foundation
import Testing

/// A place that violates a rule of the repository.
struct Violation: Equatable, CustomStringConvertible {
  let path: String
  /// The line, counted from 1, or 0 for the whole file.
  let line: Int
  let rule: String

  var description: String { "\(path):\(line): \(rule)" }
}

/// Fails the test once for each violation.
func expectNone(_ violations: [Violation], sourceLocation: SourceLocation = #_sourceLocation) {
  for violation in violations { Issue.record("\(violation)", sourceLocation: sourceLocation) }
}

/// A regular expression applied line by line.
struct Pattern {
  private let expression: NSRegularExpression

  /// - Precondition: the text is a valid regular expression.
  init(_ text: String) {
    guard
      let expression = try? NSRegularExpression(pattern: text, options: [.anchorsMatchLines])
    else { preconditionFailure("invalid regular expression: \(text)") }
    self.expression = expression
  }

  /// Returns the lines, counted from 1, and first captures of all matches.
  func matches(in text: String) -> [(line: Int, captured: String)] {
    let whole = text as NSString
    var (line, position) = (1, 0)
    return expression.matches(in: text, range: NSRange(location: 0, length: whole.length)).map {
      let start = $0.range.location
      let passed = whole.substring(with: NSRange(location: position, length: start - position))
      line += passed.utf8.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
      position = start
      let group = $0.numberOfRanges > 1 ? $0.range(at: 1) : $0.range
      return (line, group.location == NSNotFound ? "" : whole.substring(with: group))
    }
  }

  /// Returns a violation of `rule` for each match in `text`.
  func violations(in text: String, path: String, rule: (String) -> String) -> [Violation] {
    matches(in: text).map { Violation(path: path, line: $0.line, rule: rule($0.captured)) }
  }
}
