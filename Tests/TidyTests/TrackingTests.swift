import TestSupport
import Testing

@Suite struct TrackingTests {
  @Test(.enabled("this is not a checkout") { Repository.trackedPaths != nil })
  func noBuildProductOrDownloadIsTracked() throws {
    expectNone(TrackingRule.violations(try #require(Repository.trackedPaths)))
  }

  @Test func theFoldersAreIgnored() throws {
    let ignored = try #require(Repository.file(".gitignore")).lines.map(String.init)
    for folder in [".build", "data", "runs"] {
      #expect(ignored.contains { $0.contains(folder) }, "\(folder)")
    }
  }

  @Test(arguments: [
    "data/mnist/train-images-idx3-ubyte.gz", "runs/x/report.json", ".build/debug/x",
    "build/x.txt", "Sources/CKernels/x.o", "scripts/__pycache__/x.pyc", "model.safetensors",
    "Tests/OracleTests/model.safetensors", "Tests/OracleTests/Fixtures/x.gz",
    "Fixtures/x.safetensors",
  ])
  func aBuildProductIsFound(path: String) {
    #expect(TrackingRule.violations(["README.md", path]).map(\.path) == [path])
  }

  @Test(arguments: [
    "Sources/Storage/Dataset.swift", "Tests/data/x.swift", "scripts/build",
    "Tests/OracleTests/Fixtures/batch-none.safetensors",
  ])
  func sourcesAreNotFound(path: String) {
    #expect(TrackingRule.violations([path]).isEmpty)
  }
}
