import TestSupport
import Testing

@Suite struct DocumentationTests {
  private func lines(_ text: String) -> [Int] {
    DocumentationRule.violations(in: SourceFile(path: "Sources/Wire/Planted.swift", text: text))
      .map(\.line)
  }

  @Test func everyPublicAndPackageDeclarationIsDocumented() {
    expectNone(Repository.sources.flatMap(DocumentationRule.violations))
  }

  @Test(arguments: [
    "public struct A {}", "  public init() {}", "  public let x: Int", "open class A {}",
    "  public private(set) var x = 1", "  public static func f() {}", "@frozen public enum A {}",
    "  public mutating func next() -> Int { 1 }", "  public subscript(i: Int) -> Int { i }",
    "public protocol P {}", "public typealias A = Int", "  public func description() {}",
  ])
  func aDeclarationWithoutACommentIsFound(line: String) {
    #expect(lines("import Wire\n\(line)\n") == [2])
    #expect(lines("// two slashes\n\(line)\n") == [2])
    #expect(lines("/// far away\n\n\(line)\n") == [3])
    #expect(lines("@available(*, deprecated)\n\(line)\n") == [2])
    #expect(lines("/// A comment.\n\(line)\n").isEmpty)
    #expect(lines("/// A comment.\n  @inlinable\n  @inline(__always)\n\(line)\n").isEmpty)
  }

  @Test(arguments: [
    "public import Wire", "public extension A {}", "  public var description: String { \"\" }",
    "  public static func == (a: A, b: A) -> Bool { true }", "let text = \"public let x\"",
    "  public static func < (a: A, b: A) -> Bool { true }", "struct A {}",
    "  public var fault: StorageFault { .badData }",
    "  public func hash(into hasher: inout Hasher) {}", "/* public let x */",
  ])
  func aDeclarationThatNeedsNoCommentIsNotFound(line: String) {
    #expect(lines("import Wire\n\(line)\n").isEmpty)
  }
}
