import Foundation

/// A table as plain text: the first column is aligned left, the others right.
package struct TextTable {
  private var rows: [[String]]

  /// Creates a table with a header row.
  package init(_ header: String...) {
    rows = [header]
  }

  /// Appends a row.
  package mutating func add(_ cells: String...) { rows.append(cells) }

  /// The lines of the table, joined by line ends; the last line has none.
  package var text: String {
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

  /// Returns a number with about three significant digits.
  package static func number(_ value: Double) -> String {
    String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
  }
}
