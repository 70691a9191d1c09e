/// A function has at most 70 lines, from the line of its name to that of its last brace.
enum FunctionLengthRule {
  static let maximumLines = 70

  private static let start = Pattern(
    #"^[ ]*(?:@\w+(?:\(.*\))?[ ]+)*(?:[a-z]\w*(?:\(\w+\))?[ ]+)*"#
      + #"(func[ ]|init[?(<]|deinit[ {]|subscript[(<])"#)
  private static let startInC = Pattern(#"^(\w)[^;#\n]*\([^;\n]*$"#)

  static func violations(in file: SourceFile) -> [Violation] {
    let isC = file.path.hasSuffix(".c") || file.path.hasSuffix(".h")
    guard file.isSwift || isC else { return [] }
    let code = file.code
    let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
    return (isC ? startInC : start).matches(in: code).compactMap { found in
      guard let end = end(of: found.line - 1, lines) else { return nil }
      let length = end - found.line + 2
      guard length > maximumLines else { return nil }
      return Violation(path: file.path, line: found.line, rule: "a function of \(length) lines")
    }
  }

  /// Returns the line of the brace that closes the body that begins at `first`, or nil.
  private static func end(of first: Int, _ lines: [Substring]) -> Int? {
    var depth = 0
    for index in first..<lines.count {
      for byte in lines[index].utf8 {
        switch byte {
        case UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: "}"):
          depth -= 1
          if depth <= 0 { return depth < 0 ? nil : index }
        default: break
        }
      }
    }
    return nil
  }
}
