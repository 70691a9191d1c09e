import TestSupport
import Testing

@Suite struct FunctionLengthTests {
  private func found(_ text: String, path: String = "Sources/Wire/Planted.swift") -> [Violation] {
    FunctionLengthRule.violations(in: SourceFile(path: path, text: text))
  }

  private func body(_ lines: Int) -> String { String(repeating: "  f()\n", count: lines) }

  @Test func functionsAreShort() {
    expectNone(Repository.files.flatMap(FunctionLengthRule.violations))
  }

  @Test(arguments: [
    "func f() {", "  public static func f<T>(_ x: T) -> Int {", "  init?(x: Int) {",
    "@Test func f() {", "  private mutating func f(\n    x: Int\n  ) {", "  deinit {",
    "@Test(arguments: [1, 2]) func f(x: Int) {", "  public subscript(i: Int) -> Int {",
    "  public private(set) static func f() {",
  ])
  func aLongFunctionIsFound(signature: String) {
    let head = signature.split(separator: "\n").count
    #expect(found("let a = 1\n\(signature)\n\(body(69 - head))}\n").isEmpty)
    #expect(found("let a = 1\n\(signature)\n\(body(69 - head))  }\n").isEmpty)
    let long = found("let a = 1\n\(signature)\n\(body(70 - head + 1))}\nlet b = 2\n")
    #expect(long == [Violation(path: long[0].path, line: 2, rule: "a function of 72 lines")])
  }

  @Test func bracesInStringsAndCommentsDoNotCount() {
    let text = "func f() {\n  let a = \"{\"  // {\n}\n" + body(90)
    #expect(found(text).isEmpty)
  }

  @Test func aRequirementHasNoBody() {
    #expect(found("protocol P {\n  func f()\n}\n" + body(90) + "{\n}\n").isEmpty)
  }

  @Test func functionsInCCountToo() {
    let path = "Sources/CKernels/planted.c"
    let long = "static int f(int x) {\n\(body(80))}\n"
    #expect(found(long, path: path).map(\.line) == [1])
    #expect(found("int f(int x);\n#define G(x) x\n" + body(80), path: path).isEmpty)
  }
}
