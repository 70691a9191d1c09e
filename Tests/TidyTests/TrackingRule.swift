/// Build products and downloads are not tracked by git, except the small fixtures of tests.
enum TrackingRule {
  private static let folders = ["data/", "runs/", ".build", "build/", ".swiftpm/", "DerivedData/"]
  private static let endings = [
    ".o", ".a", ".so", ".pyc", ".gz", ".safetensors", ".xctest", ".profdata", ".log",
    "-ubyte", ".DS_Store",
  ]

  private static let fixtures = Pattern(#"^Tests/\w+/Fixtures/[\w-]+\.safetensors$"#)

  static func violations(_ paths: [String]) -> [Violation] {
    paths.filter { path in
      fixtures.matches(in: path).isEmpty
        && (folders.contains(where: path.hasPrefix) || endings.contains(where: path.hasSuffix))
    }.map { Violation(path: $0, line: 0, rule: "data and build products are not tracked") }
  }
}
