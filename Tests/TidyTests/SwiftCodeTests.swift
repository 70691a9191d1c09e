import TestSupport
import Testing

@Suite struct SwiftCodeTests {
  @Test(arguments: [
    ("a // b\nc", "a     \nc"), ("a /* b\nc */ d", "a     \n     d"), ("\"x\" y", "\" \" y"),
    ("\"a\\\"b\" c", "\"    \" c"), ("\"\"\"\na \"b\"\n\"\"\" c", "\"\"\"\n     \n\"\"\" c"),
    ("#\"a\"b\"# c", "#\"   \"# c"), ("\"//\" a", "\"  \" a"), ("a / b", "a / b"),
    ("\"\" + x", "\"\" + x"), ("#if x", "#if x"), ("a = \"unfinished\nb", "a = \"          \nb"),
  ])
  func onlyCommentsAndStringsAreBlanked(text: String, code: String) {
    #expect(SwiftCode.blank(text) == code)
  }

  @Test func linesKeepTheirPlaces() {
    for file in Repository.files where file.isSwift {
      #expect(file.code.utf8.count == file.text.utf8.count)
      #expect(SourceFile(path: "", text: file.code).lines.count == file.lines.count)
    }
  }
}
