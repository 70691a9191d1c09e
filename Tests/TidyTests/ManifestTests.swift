import TestSupport
import Testing

@Suite struct ManifestTests {
  private static let planted = """
    targets: [
      .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
      .target(name: "Numerics", dependencies: ["CKernels"]),
      .target(
        name: "Processes",
        dependencies: [
          "Numerics", .product(name: "Logging", package: "swift-log"),
        ]),
      .testTarget(name: "WireTests", dependencies: ["Wire", "tributary"]),
      .target(name: "TestSupport", path: "Tests/TestSupport"),
    ]
    """

  @Test func theTargetsOfAManifestAreParsed() {
    let targets = Manifest(Self.planted).targets
    #expect(targets.map(\.name) == ["CZlib", "Numerics", "Processes", "WireTests", "TestSupport"])
    #expect(targets.map(\.line) == [2, 3, 4, 9, 10])
    #expect(targets.map(\.isTest) == [false, false, false, true, true])
    #expect(
      targets.map(\.dependencies)
        == [[], ["CKernels"], ["Numerics", "Logging"], ["Wire", "tributary"], []])
  }

  @Test func aTargetDependsOnLowerFloorsAndDeclaresIt() throws {
    let manifest = Manifest(try #require(Repository.file("Package.swift")).text)
    #expect(manifest.targets.count > 3)
    var imports: [String: Set<String>] = [:]
    for file in Repository.sources where file.isSwift {
      guard let module = file.module else { continue }
      imports[module, default: []].formUnion(ModuleRules.imports(of: file).map(\.captured))
    }
    expectNone(manifest.violations(imports: imports))
  }

  @Test(arguments: [
    ("Wire", "Coordination", "is not below it"), ("Learning", "Wire", "is not below it"),
    ("Wire", "Logging", "is pure"), ("Storage", "CLinux", "by Processes only"),
  ])
  func aForbiddenDependencyIsFound(target: String, dependency: String, rule: String) {
    let manifest = Manifest(".target(name: \"\(target)\", dependencies: [\"\(dependency)\"])")
    let found = manifest.violations(imports: [target: [dependency]])
    #expect(found.count == 1 && found[0].rule.contains(rule))
  }

  @Test func packagesHaveFixedMinorVersionsAndAPurpose() throws {
    let text = try #require(Repository.file("Package.swift")).text
    #expect(text.contains(".package("))
    expectNone(Manifest.looseDependencies(text))
  }

  @Test(arguments: [
    (".package(url: \"a\", .upToNextMinor(from: \"1.2.0\")),", 0),
    (".package(\n  url: \"a\", exact: \"1.2.0\"),", 0),
    (".package(url: \"a\", from: \"1.2.0\"),", 1),
    (".package(url: \"a\", branch: \"main\"),", 1),
  ])
  func aLooseDependencyIsFound(call: String, count: Int) {
    #expect(Manifest.looseDependencies("// the purpose\n\(call)\n").count == count)
    #expect(Manifest.looseDependencies("[\n\(call)\n").count == 1)
  }

  @Test func unusedAndUndeclaredDependenciesAreFound() {
    let manifest = Manifest(".target(name: \"Wire\", dependencies: [\"Numerics\"])")
    #expect(manifest.violations(imports: ["Wire": ["Numerics"]]).isEmpty)
    let unused = manifest.violations(imports: [:])
    #expect(unused.map(\.rule) == ["Wire depends on Numerics but does not import it"])
    let hidden = Manifest(".target(name: \"Storage\")")
      .violations(imports: ["Storage": ["Wire", "Foundation"]])
    #expect(hidden.map(\.rule) == ["Storage imports Wire but does not declare it"])
  }
}
