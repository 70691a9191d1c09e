import TestSupport
import Testing

@Suite struct LanguageTests {
  private func file(_ text: String, path: String = "Sources/Wire/Planted.swift") -> SourceFile {
    SourceFile(path: path, text: text)
  }

  private func lines(_ text: String, path: String = "Sources/Wire/Planted.swift") -> [Int] {
    LanguageRules.violations(in: file(text, path: path)).map(\.line)
  }

  @Test func textsUsePlainWords() {
    expectNone((Repository.files + Repository.rootFiles).flatMap(LanguageRules.violations))
  }

  @Test func docCommentsOpenWithNounsAndVerbs() {
    let found = Repository.files.map(LanguageRules.docComments)
    let count = found.reduce(0) { $0 + $1.count }
    let questions = found.flatMap(\.questions)
    #expect(count > 1000)
    #expect(
      questions.count * 100 <= count * LanguageRules.maximumOpenerPercentage,
      "\(questions.count) of \(count): \(questions.prefix(20))")
  }

  @Test(arguments: LanguageRules.avoidedWords)
  func anAvoidedWordIsFound(word: String) {
    #expect(lines("let a = 1\n/// Text: \(word) text.\n") == [2])
    #expect(lines("let a = 1\n  f()  // \(word.uppercased())\n") == [2])
    #expect(lines("let a = \"text \(word)\"\n") == [1])
    #expect(lines("int a; /* \(word) */\n", path: "Sources/CKernels/planted.c") == [1])
    #expect(lines("Text\n\(word)\n", path: "README.md") == [2])
    #expect(lines("# \(word)\n", path: "scripts/planted") == [1])
  }

  @Test func aPhraseMayContinueInTheNextLine() {
    #expect(lines("/// The training goes\n/// on.\n") == [1])
  }

  @Test(arguments: [
    "let nobody = 1", "f(told: 1)", "/// The address is known.", "/// Foretold, essays.",
    "/// A word-for-word copy goes one further.",
  ])
  func otherTextIsNotFound(line: String) {
    #expect(lines("\(line)\n").isEmpty)
  }

  @Test func namesOfFunctionsUsePlainWords() {
    #expect(lines("@Test func whoeverIsLateIsGone() {}\n") == [1])
    #expect(lines("@Test func aLateWorkerIsEvicted() {}\n").isEmpty)
  }

  @Test(arguments: ["What", "How", "Who", "Why", "Where", "When"])
  func aQuestionWordAtTheStartOfADocCommentIsFound(word: String) {
    let found = LanguageRules.docComments(
      in: file("/// \(word) it is.\n/// More.\nlet a = 1\n\n  /// A value.\nlet b = 1\n"))
    #expect(found.count == 2)
    #expect(found.questions.map(\.line) == [1])
  }

  @Test func aQuestionWordElsewhereIsNotFound() {
    let found = LanguageRules.docComments(
      in: file("/// A value.\n/// When it is set.\nlet a = 1\n/// Whether it is.\nlet b = 1\n"))
    #expect(found.count == 2 && found.questions.isEmpty)
  }
}
