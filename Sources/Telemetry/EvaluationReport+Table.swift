extension EvaluationReport {
  /// The report as a table: totals, results of each class, and the confusion matrix.
  package var table: String {
    ([heading] + unclassifiedLine + [""] + classTable + [""] + matrix).joined(separator: "\n")
  }

  private var heading: String {
    let interval =
      "95 % interval \(Formatting.fixed(accuracyInterval.lower * 100, 2)) to "
      + Formatting.percent(accuracyInterval.upper)
    return "\(dataset) \(split): accuracy \(Formatting.percent(accuracy)) "
      + "(\(correct) of \(samples)), \(interval), loss \(Formatting.fixed(loss, 4))"
  }

  private var unclassifiedLine: [String] {
    unclassified.map { ["\($0) samples unclassified: their logits are not numbers"] } ?? []
  }

  private var classTable: [String] {
    Self.aligned(
      [["class", "samples", "precision", "recall"]]
        + classes.map { result in
          [
            "\(result.label)", "\(result.samples)",
            result.precision.map(Formatting.percent) ?? "-",
            result.recall.map(Formatting.percent) ?? "-",
          ]
        })
  }

  /// The confusion matrix with dots for zeros, so that errors are easy to see.
  private var matrix: [String] {
    let head = ["label"] + confusionMatrix.indices.map(String.init)
    let rows = confusionMatrix.enumerated().map { label, counts in
      ["\(label)"] + counts.map { $0 == 0 ? "." : "\($0)" }
    }
    return ["rows: labels, columns: predictions"] + Self.aligned([head] + rows)
  }

  /// Returns the rows as lines; columns are right-aligned and as wide as their widest cell.
  private static func aligned(_ rows: [[String]]) -> [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { cell, width in
        String(repeating: " ", count: width - cell.count) + cell
      }.joined(separator: "  ")
    }
  }
}
