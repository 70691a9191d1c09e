import Foundation

/// Every public or package declaration has a doc comment directly above it; attributes may stand
/// between. Witnesses of well-known protocols need none.
enum DocumentationRule {
  private static let attributes = #"(?:@\w+(?:\([^)\n]*\))?[ ]+)*"#
  private static let declaration = Pattern(
    #"^[ ]*("# + attributes
      + #"(?:(?:public|package)[ ](?!import|extension)|open[ ](?=class|func|var)).*)$"#)
  private static let witness = Pattern(
    #"\bvar (?:description|debugDescription|errorDescription|fault)\b"#
      + #"|\bfunc (?:==|<|hash\(into|encode\(to)|\binit\(from decoder"#)

  static func violations(in file: SourceFile) -> [Violation] {
    guard file.isSwift else { return [] }
    let lines = file.lines
    return declaration.matches(in: file.code).filter { found in
      witness.matches(in: found.captured).isEmpty && !isDocumented(found.line - 1, lines)
    }.map {
      let text = $0.captured.trimmingCharacters(in: .whitespaces).prefix(50)
      return Violation(path: file.path, line: $0.line, rule: "'\(text)' has no comment")
    }
  }

  private static func isDocumented(_ index: Int, _ lines: [Substring]) -> Bool {
    var above = index - 1
    while above >= 0, lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("@") {
      above -= 1
    }
    return above >= 0 && lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("///")
  }
}
