/// Rules about the English of comments, texts and documentation.
enum LanguageRules {
  /// The highest accepted share of doc comments that open with a question word, in percent.
  static let maximumOpenerPercentage = 1

  /// Words and phrases that do not occur in technical documentation: archaisms, personification of
  /// processes, and phrases with a plainer equivalent.
  static let avoidedWords = [
    "nobody", "somebody", "anybody", "everybody", "whoever", "whomever", "anew", "for people",
    "is to be", "are to be", "was to be", "were to be", "go on", "goes on", "went on", "going on",
    "gone on", "go home", "goes home", "sent home", "sends home", "says", "said", "tells", "told",
    "telling", "hears", "heard", "knows", "speaks", "spoke", "talks", "come to pass", "in vain",
    "write down", "writes down", "written down", "errand", "errands", "comes of", "came of",
    "be had", "of its own accord", "those who", "lest", "amiss",
  ]

  // A phrase may continue in the next line of a comment.
  private static let avoided = Pattern(
    #"(?i)(?<![\w-])("#
      + avoidedWords.map { $0.replacing(" ", with: #"\s+(?:[/#]+\s+)?"#) }.joined(separator: "|")
      + #")(?![\w-])"#)
  private static let avoidedInNames = Pattern(
    #"\bfunc (\w*(?:[Nn]obody|[Ss]omebody|[Ee]verybody|[Ww]hoever|Anew)\w*)"#)
  private static let opener = Pattern(#"^(What|How|Who|Whom|Whose|Why|Where|When)\b"#)

  /// Places in comments, string literals and documentation with an avoided word, and functions
  /// whose names contain one.
  static func violations(in file: SourceFile) -> [Violation] {
    guard !file.path.hasPrefix("Tests/TidyTests/Language") else { return [] }  // lists the words
    let prose = isCode(file) ? SwiftCode.prose(file.text) : file.text
    let words = avoided.violations(in: prose, path: file.path) { "'\($0)' has a plainer word" }
    guard file.isSwift else { return words }
    return words
      + avoidedInNames.violations(in: file.code, path: file.path) { "\($0) has a plainer name" }
  }

  /// The doc comments of a Swift file: their number, and those that open with a question word.
  static func docComments(in file: SourceFile) -> (count: Int, questions: [Violation]) {
    guard file.isSwift else { return (0, []) }
    var (count, wasComment) = (0, false)
    var questions: [Violation] = []
    for (index, line) in file.lines.enumerated() {
      let text = line.drop { $0 == " " }
      let isComment = text.hasPrefix("///")
      defer { wasComment = isComment }
      guard isComment, !wasComment else { continue }
      count += 1
      let sentence = String(text.dropFirst(3).drop { $0 == " " })
      guard let word = opener.matches(in: sentence).first?.captured else { continue }
      questions.append(
        Violation(path: file.path, line: index + 1, rule: "a doc comment opens with '\(word)'"))
    }
    return (count, questions)
  }

  private static func isCode(_ file: SourceFile) -> Bool {
    [".swift", ".c", ".h"].contains { file.path.hasSuffix($0) }
  }
}
