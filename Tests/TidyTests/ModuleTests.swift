import Testing

@Suite struct HouseTests {
  private func file(_ path: String, _ text: String) -> SourceFile {
    SourceFile(path: path, text: text)
  }

  @Test func importsGoDownOnly() {
    expectNone(Repository.sources.flatMap(House.violations))
  }

  @Test func aDoorToCIsOneFile() {
    expectNone(House.sharedDoors(Repository.sources))
  }

  @Test func everyModuleHasAFloor() {
    let modules = Set(Repository.sources.compactMap(\.module))
    #expect(modules.count > 3)
    #expect(modules.filter { House.floor(of: $0) == nil }.isEmpty)
  }

  @Test(arguments: [
    ("Numerics", "import Learning"), ("Wire", "import Learning"), ("Learning", "import Foundation"),
    ("Coordination", "public import Glibc"), ("Wire", "@preconcurrency import Dispatch"),
    ("Coordination", "internal import struct Foundation.Data"), ("Wire", "import CKernels"),
    ("Storage", "import CZeroMQ"), ("Telemetry", "import Storage"), ("Cellar", "import Wire"),
    ("Processes", "  import tributary"),
  ])
  func anImportThatGoesElsewhereIsFound(module: String, line: String) {
    let planted = file("Sources/\(module)/Planted.swift", "// a comment\n\(line)\nlet x = 1\n")
    #expect(House.violations(in: planted).map(\.line) == [2])
  }

  @Test(arguments: [
    ("Wire", "public import Numerics"), ("Storage", "import Foundation"),
    ("Numerics", "import CKernels"), ("Wire", "// import Foundation"),
    ("Wire", "let text = \"import Foundation\""), ("Wire", "let important = 1"),
  ])
  func whatIsAllowedIsNotFound(module: String, line: String) {
    #expect(House.violations(in: file("Sources/\(module)/Fine.swift", line)).isEmpty)
  }

  @Test func aSecondDoorIsFound() {
    let files = ["A", "B"].map { file("Sources/Numerics/\($0).swift", "import CKernels\n") }
    #expect(House.sharedDoors(files).map(\.path) == ["Sources/Numerics/B.swift"])
    #expect(House.sharedDoors([files[0]]).isEmpty)
  }
}
