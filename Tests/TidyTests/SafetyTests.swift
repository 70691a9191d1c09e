import TestSupport
import Testing

@Suite struct SafetyTests {
  private func rules(_ path: String, _ line: String) -> [String] {
    SafetyRules.violations(in: SourceFile(path: path, text: "let a = 1\n\(line)\n")).map {
      #expect($0.line == 2)
      return $0.rule
    }
  }

  @Test func theSourcesAreSafe() {
    expectNone(Repository.sources.flatMap(SafetyRules.violations))
  }

  @Test(arguments: [
    "let p: UnsafePointer<Float>", "x.withUnsafeBytes { $0.count }", "unsafeBitCast(a, to: B.self)",
    "nonisolated(unsafe) var x = 1", "Array(unsafeUninitializedCapacity: 1) { _, _ in }",
    "let handle: OpaquePointer", "struct A: @unchecked Sendable {}", "Unmanaged.passRetained(x)",
  ])
  func unsafeMemoryIsFoundWhereItIsNotAllowed(line: String) {
    #expect(rules("Sources/Wire/Planted.swift", line).count == 1)
    #expect(rules("Sources/Numerics/MatrixView.swift", line).count == 1)
    #expect(rules("Sources/Numerics/Kernels+Planted.swift", line).isEmpty)
    #expect(rules("Sources/ZeroMQ/Planted.swift", line).isEmpty)
  }

  @Test(arguments: ["let x = unsafe read()", "return unsafe .last", "@safe struct A {}"])
  func marksOfUnsafeCodeAreFoundOutsideOfTheModulesThatAreCheckedForThem(line: String) throws {
    #expect(rules("Sources/Processes/Planted.swift", line).count == 1)
    #expect(rules("Tests/WireTests/Planted.swift", line).count == 1)
    let package = try #require(Repository.file("Package.swift")).text
    for module in ["Bytes", "Numerics", "ZeroMQ", "Storage"] {
      #expect(rules("Sources/\(module)/Kernels.swift", line).isEmpty)
      #expect(package.contains("\"\(module)\""))
    }
    #expect(package.contains(".strictMemorySafety()"))
  }

  @Test(arguments: [
    "try! f()", "x as! Int", "fatalError(\"no\")", "abort()",
  ])
  func codeThatEndsTheProcessIsFoundEverywhere(line: String) {
    #expect(rules("Sources/tributary/Planted.swift", line).count == 1)
    #expect(rules("Sources/Numerics/Kernels.swift", line).count == 1)
  }

  @Test(arguments: [
    "let x = y!", "f(x!)", "x!.count", "list[0]!.name", "f()!", "a! + b", "let t = [x!]", "x![0]",
    "return map[key]!", "use(x!, y)",
  ])
  func aForcedUnwrapIsFoundOnTheWirePath(line: String) {
    for module in ["Wire", "Coordination", "Processes"] {
      #expect(!rules("Sources/\(module)/Planted.swift", line).isEmpty)
    }
  }

  @Test(arguments: [
    "if a != b { }", "if !isReady { }", "guard !list.isEmpty, !(a && b) else { return }",
    "let text = \"Stop!\"  // and go!", "try? f()", "x as? Int", "precondition(a > 0)",
    "preconditionFailure()",
    "let unsafe = 1", "f(!x)", "a ?? !b",
  ])
  func safeCodeIsNotFound(line: String) {
    #expect(rules("Sources/Wire/Planted.swift", line).isEmpty)
  }
}
