import TestSupport
import Testing

/// The patches that scripts/robustness/plant-bugs applies to check the simulation.
@Suite struct PlantedBugTests {
  private static let patches = Repository.files.map(\.path).filter { $0.hasSuffix(".patch") }

  @Test func thereAreSome() { #expect(Self.patches.count > 5) }

  @Test(
    .enabled("git is not installed") { Command("git", ["--version"]).output() != nil },
    arguments: patches)
  func aPlantedBugFitsTheSources(path: String) throws {
    let check = try Command("git", ["apply", "--check", path], in: Repository.path("")).run()
    #expect(check.status == 0, "\(check.errors)")
  }
}
