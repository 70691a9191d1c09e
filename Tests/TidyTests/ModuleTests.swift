import TestSupport
import Testing

@Suite struct ModuleTests {
  private func file(_ path: String, _ text: String) -> SourceFile {
    SourceFile(path: path, text: text)
  }

  @Test func importsGoDownOnly() {
    expectNone(Repository.sources.flatMap(ModuleRules.violations))
  }

  @Test func oneFileImportsAModuleOfC() {
    expectNone(ModuleRules.sharedImports(Repository.sources))
  }

  @Test func everyModuleHasAFloor() {
    let modules = Set(Repository.sources.compactMap(\.module))
    #expect(modules.count > 3)
    #expect(modules.filter { ModuleRules.floor(of: $0) == nil }.isEmpty)
  }

  @Test(arguments: [
    ("Numerics", "import Learning"), ("Wire", "import Learning"), ("Learning", "import Foundation"),
    ("Coordination", "public import Glibc"), ("Wire", "@preconcurrency import Dispatch"),
    ("Coordination", "internal import struct Foundation.Data"), ("Wire", "import CKernels"),
    ("Storage", "import CZeroMQ"), ("Telemetry", "import Storage"), ("Basement", "import Wire"),
    ("Processes", "  import tributary"),
  ])
  func anImportOfAHigherOrPrivateModuleIsFound(module: String, line: String) {
    let planted = file("Sources/\(module)/Planted.swift", "// a comment\n\(line)\nlet x = 1\n")
    #expect(ModuleRules.violations(in: planted).map(\.line) == [2])
  }

  @Test(arguments: [
    ("Wire", "public import Numerics"), ("Storage", "import Foundation"),
    ("Numerics", "import CKernels"), ("Wire", "// import Foundation"),
    ("Wire", "let text = \"import Foundation\""), ("Wire", "let important = 1"),
  ])
  func anAllowedImportIsNotFound(module: String, line: String) {
    #expect(ModuleRules.violations(in: file("Sources/\(module)/Fine.swift", line)).isEmpty)
  }

  @Test func aSecondImportOfAModuleOfCIsFound() {
    let files = ["A", "B"].map { file("Sources/Numerics/\($0).swift", "import CKernels\n") }
    #expect(ModuleRules.sharedImports(files).map(\.path) == ["Sources/Numerics/B.swift"])
    #expect(ModuleRules.sharedImports([files[0]]).isEmpty)
  }
}
