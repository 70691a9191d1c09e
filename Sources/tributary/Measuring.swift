import ArgumentParser
import Coordination
import Foundation
import Numerics

/// What the measurements share.
enum Measuring {
  /// The value in the middle, or the mean of the two that are there.
  static func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// How long work takes, in seconds.
  static func seconds(_ work: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(work).seconds
  }

  /// Bytes that one core copies in a second, from and to memory that no cache holds: the median of
  /// `rounds`.
  static func copiedBytesPerSecond(rounds: Int = 5, floats: Int = 16 << 20) -> Double {
    let source = [Float](repeating: 1, count: floats)
    let target = FloatBuffer(count: floats)
    return median(
      (0..<rounds).map { _ in
        Double(4 * floats) / seconds { target.copy(from: source) }
      })
  }

  /// Figures as JSON with keys in snake case, sorted, ending with a line end.
  static func json(_ figures: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(figures) + Data("\n".utf8)
  }

  /// A number for people, with three digits that count.
  static func text(_ value: Double) -> String {
    String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
  }
}

/// Columns of text: the first one to the left, the others to the right.
struct TextTable {
  private var rows: [[String]]

  /// A table under a header.
  init(_ header: String...) {
    rows = [header]
  }

  /// Adds a row.
  mutating func add(_ cells: String...) { rows.append(cells) }

  /// The lines of the table.
  var text: String {
    let widths = rows.reduce(into: [Int]()) { widths, row in
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    return rows.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + blanks : blanks + cell.0
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

/// Whole numbers between commas, such as 1,2,8.
struct NumberList: ExpressibleByArgument {
  /// At least one number.
  let values: [Int]

  init(_ values: [Int]) { self.values = values }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard !parts.isEmpty, numbers.count == parts.count else { return nil }
    values = numbers
  }

  var defaultValueDescription: String { values.map(String.init).joined(separator: ",") }

  /// Stops numbers that are not in `range`.
  ///
  /// - Throws: `ValidationError`, naming the flag, the number and the remedy.
  func check(_ range: ClosedRange<Int>, of flag: String) throws {
    for value in values where !range.contains(value) {
      throw ValidationError(
        "\(flag) cannot be \(value); use \(range.lowerBound) to \(range.upperBound)")
    }
  }
}
