import Foundation
import FuzzTargets
import TestSupport
import Testing

/// Runs the targets without a fuzzer: on the committed corpus, and on inputs from fixed seeds.
@Suite struct TargetTests {
  /// Inputs from seeds for each target; fewer where one input takes longer.
  private static let seeds = ["checkpoint": 60, "model": 150, "lease": 500, "settings": 500]

  /// Records the finding of a target on an input, if there is one.
  private func expectNoFinding(_ target: FuzzTarget, _ input: [UInt8], _ name: String) {
    do throws(Finding) {
      try target.run(input)
    } catch {
      Issue.record("\(target.name), \(name): \(error)")
    }
  }

  @Test func namesAreUnique() {
    let names = FuzzTarget.all.map(\.name)
    #expect(names.count >= 16 && Set(names).count == names.count)
    #expect(FuzzTarget.named("server")?.name == "server")
    #expect(FuzzTarget.named("another") == nil)
  }

  @Test(arguments: FuzzTarget.all.map(\.name))
  func noRuleIsViolatedByTheCommittedCorpus(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    for (number, example) in target.examples.enumerated() {
      expectNoFinding(target, example, "example \(number)")
    }
    let folder = Repository.root.appendingPathComponent("Tests/FuzzTests/Corpus/\(name)")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    for file in files {
      expectNoFinding(target, Array(try Data(contentsOf: file)), file.lastPathComponent)
    }
  }

  @Test(arguments: FuzzTarget.all.map(\.name))
  func noRuleIsViolatedByInputsFromSeeds(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    for seed in 0..<UInt64(Self.seeds[name] ?? 2000) {
      var random = SplitMix64(state: seed)
      let count = Int.random(in: 0..<300, using: &random)
      let input = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      expectNoFinding(target, input, "seed \(seed)")
    }
  }

  @Test func everyFolderOfTheCorpusBelongsToATarget() throws {
    let folder = Repository.root.appendingPathComponent("Tests/FuzzTests/Corpus")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(names) == Set(FuzzTarget.all.map(\.name)))
  }
}
