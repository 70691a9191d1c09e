import TestSupport
import Testing

@Suite struct TextTests {
  private func rules(_ text: String, path: String = "Sources/Wire/Planted.swift") -> [Violation] {
    TextRules.violations(in: SourceFile(path: path, text: text))
  }

  @Test func theFilesAreTidy() {
    #expect(Repository.files.count > 50)
    expectNone((Repository.files + Repository.rootFiles).flatMap(TextRules.violations))
  }

  @Test(arguments: ["a\tb", "a  ", " ", "a\r"])
  func tabsAndTrailingSpacesAreFound(line: String) {
    #expect(rules("fine\n\(line)\nfine\n").map(\.line) == [2])
  }

  @Test(arguments: ["// TO" + "DO: later", "FIX" + "ME", "# XX" + "X"])
  func openNotesAreFound(line: String) {
    #expect(rules("fine\n\(line)\n").map(\.line) == [2])
  }

  @Test(arguments: [
    "let path = \"/ho" + "me/anna/data\"", "see /Us" + "ers/anna/x", "(/wo" + "rk/main)",
    "cd /ro" + "ot/x", "on git" + "pod", "in a code" + "space",
  ])
  func machineSpecificPathsAreFound(line: String) {
    #expect(rules("fine\n\(line)\n").map(\.line) == [2])
  }

  @Test(arguments: [
    "https://example.org/home/page", "runs/home/x", "\\(path)/tmp/x", "the half/whole question",
    "/usr/bin/env", "/proc/self/exe", "/tmp/x", "ipc:///tmp/x", "tomorrow", "XXXX",
    "the code space",
  ])
  func otherPathsAreNotFound(line: String) {
    #expect(rules("\(line)\n").isEmpty)
  }

  @Test func aLineOfMoreThanAHundredColumnsIsFound() {
    let long = String(repeating: "x", count: 101)
    #expect(rules("a\n\(long)\n").map(\.rule) == ["101 columns"])
    #expect(rules("a\n\(long.dropLast())\n").isEmpty)
    #expect(rules("\(String(repeating: "ü", count: 100))\n").isEmpty)
    #expect(rules("| \(long)\n", path: "README.md").isEmpty)
    #expect(rules("\(long)\n", path: "README.md").count == 1)
  }

  @Test func aFileOfMoreThanFourHundredLinesIsFound() {
    #expect(rules(String(repeating: "a\n", count: 400)).isEmpty)
    #expect(rules(String(repeating: "a\n", count: 401)).map(\.rule) == ["401 lines"])
  }

  @Test func aFileEndsWithOneNewline() {
    #expect(rules("a").count == 1)
    #expect(rules("a\n\n").count == 1)
    #expect(rules("a\n").isEmpty && rules("").isEmpty)
  }
}
