/// The targets of Package.swift.
struct Manifest {
  struct Target {
    let name: String
    /// Whether this is a test target or is used by test targets only, in the folder Tests.
    let isTest: Bool
    let line: Int
    /// Names of targets and products.
    let dependencies: Set<String>
  }

  let targets: [Target]

  /// Parses the targets of a manifest: each call of `.target(…)` and similar functions with its
  /// `name:` and the names in its `dependencies:`.
  init(_ text: String) {
    let calls = Pattern(#"\.(?:target|executableTarget|testTarget|systemLibrary)\("#)
    let starts = calls.matches(in: text).map(\.line)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    targets = zip(starts, starts.dropFirst() + [lines.count + 1]).compactMap { start, end in
      let call = lines[start - 1..<end - 1].joined(separator: "\n")
      return Target(call: Self.balanced(call), line: start)
    }
  }

  /// Returns the text up to the end of the first pair of parentheses.
  private static func balanced(_ text: String) -> String {
    var depth = 0
    var call = ""
    for character in text {
      call.append(character)
      if character == "(" { depth += 1 }
      guard character == ")" else { continue }
      depth -= 1
      if depth == 0 { return call }
    }
    return call
  }

  /// Returns the packages that may change by more than a patch release, or without a comment on the
  /// line before that gives the reason for the dependency.
  static func looseDependencies(_ text: String) -> [Violation] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return Pattern(#"\.package\("#).matches(in: text).compactMap { found in
      let call = balanced(lines[(found.line - 1)...].joined(separator: "\n"))
      let isPinned = call.contains(".upToNextMinor(from:") || call.contains("exact:")
      let isExplained = found.line > 1 && lines[found.line - 2].contains("// ")
      let rule =
        !isPinned
        ? "a package has no fixed minor version" : "a package has no comment with its purpose"
      return isPinned && isExplained
        ? nil : Violation(path: "Package.swift", line: found.line, rule: rule)
    }
  }

  /// Returns forbidden, unused and undeclared dependencies of the targets.
  func violations(imports: [String: Set<String>]) -> [Violation] {
    targets.filter { !$0.isTest }.flatMap { target in
      let wrong = target.dependencies.sorted().compactMap {
        ModuleRules.objection(target.name, imports: $0)
      }
      let imported = imports[target.name] ?? []
      let unused = target.dependencies.subtracting(imported).sorted().map {
        "\(target.name) depends on \($0) but does not import it"
      }
      let hidden = imported.subtracting(target.dependencies).filter {
        ModuleRules.floor(of: $0) != nil
      }.map { "\(target.name) imports \($0) but does not declare it" }
      return (wrong + unused + hidden).map {
        Violation(path: "Package.swift", line: target.line, rule: $0)
      }
    }
  }
}

extension Manifest.Target {
  fileprivate init?(call: String, line: Int) {
    guard let name = Pattern(#"name: "(\w+)""#).matches(in: call).first?.captured else {
      return nil
    }
    let list = Pattern(#"dependencies: \[([\s\S]*)\]"#).matches(in: call).first?.captured ?? ""
    let packages = Set(Pattern(#"package: "([\w-]+)""#).matches(in: list).map(\.captured))
    let names = Set(Pattern(#""([\w-]+)""#).matches(in: list).map(\.captured))
    self.init(
      name: name, isTest: name.hasSuffix("Tests") || call.contains(#"path: "Tests/"#),
      line: line,
      dependencies: names.subtracting(packages))
  }
}
