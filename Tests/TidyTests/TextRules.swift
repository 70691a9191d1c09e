/// Rules about the text of all files.
enum TextRules {
  static let maximumLines = 400
  static let maximumColumns = 100

  private static let blanks = Pattern(#"\t|[ ]+$|\r"#)
  // Written so that this file does not violate its own rules.
  private static let notes = Pattern(#"\b(TO[D]O|FIX[M]E|X[X]X)\b"#)
  private static let places = Pattern(
    #"(?<![\w.:/-])(/(?:home|Users|root|work|builds|workspace|github)/[\w.-]+)"#)
  private static let workplaces = Pattern(#"(?i)\b(codespac[e]s?|gitpo[d]|jenkin[s])\b"#)

  static func violations(in file: SourceFile) -> [Violation] {
    let (path, text) = (file.path, file.text)
    var found = blanks.violations(in: text, path: path) { _ in "a tab, or spaces at a line's end" }
    found += notes.violations(in: text, path: path) { "\($0) belongs in an issue" }
    found += places.violations(in: text, path: path) { "\($0) is a path of some machine" }
    found += workplaces.violations(in: text, path: path) { "\($0) names a development environment" }
    if !text.isEmpty, !text.hasSuffix("\n") || text.hasSuffix("\n\n") {
      found.append(Violation(path: path, line: 0, rule: "the file does not end with one newline"))
    }
    return found + sizes(file)
  }

  private static func sizes(_ file: SourceFile) -> [Violation] {
    let lines = file.lines
    var found = lines.enumerated().filter { isTooLong($0.element, in: file) }.map {
      Violation(path: file.path, line: $0.offset + 1, rule: "\($0.element.count) columns")
    }
    if lines.count - 1 > maximumLines {
      found.append(Violation(path: file.path, line: 0, rule: "\(lines.count - 1) lines"))
    }
    return found
  }

  /// Whether a line is too long; rows of a Markdown table and pictures
  /// cannot be wrapped.
  private static func isTooLong(_ line: Substring, in file: SourceFile) -> Bool {
    guard line.utf8.count > maximumColumns else { return false }
    return line.count > maximumColumns && !(file.isMarkdown && line.hasPrefix("|"))
      && !file.path.hasSuffix(".svg")
  }
}
