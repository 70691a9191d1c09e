/// The layers of modules and the imports that each module may have.
enum ModuleRules {
  /// The floors from the bottom up; a module imports from lower floors only. Floor 0 of the design
  /// is three levels here: C modules, Bytes, Numerics. Floor 5 is two: Bench and FuzzTargets
  /// below the programs.
  static let floors: [[String]] = [
    ["CKernels", "CChecksum", "CZeroMQ", "CZlib", "CLinux"],
    ["Bytes"],
    ["Numerics"],
    ["Learning", "Wire"],
    ["Coordination"],
    ["ZeroMQ", "Storage", "Telemetry"],
    ["Processes", "Simulation"],
    ["Bench", "FuzzTargets"],
    ["tributary", "Fuzzer"],
  ]

  /// Modules without clock, socket, file, thread or global randomness. They import only modules of
  /// this package.
  static let pure: Set<String> = [
    "Bytes", "Numerics", "Learning", "Wire", "Coordination", "Simulation",
  ]

  /// C modules with the one Swift module that imports each.
  static let importersOfC = [
    "CKernels": "Numerics", "CZlib": "Storage", "CLinux": "Processes", "CZeroMQ": "ZeroMQ",
    "CChecksum": "Bytes",
  ]
  /// C modules that a single file imports.
  static let importedByOneFile: Set<String> = ["CKernels", "CChecksum", "CZlib"]

  /// The floor of a module, or nil for a module of another package.
  static func floor(of module: String) -> Int? {
    floors.firstIndex { $0.contains(module) }
  }

  /// Returns the rule that `module` violates by importing `imported`, or nil.
  static func objection(_ module: String, imports imported: String) -> String? {
    guard let floor = floor(of: module) else { return "module \(module) has no floor" }
    guard let other = Self.floor(of: imported) else {
      return pure.contains(module) ? "\(module) is pure but imports \(imported)" : nil
    }
    guard other < floor else { return "\(module) imports \(imported), which is not below it" }
    guard let importer = importersOfC[imported], importer != module else { return nil }
    return "\(imported) is imported by \(importer) only, not by \(module)"
  }

  private static let importPattern = Pattern(
    #"^[ ]*(?:@\w+[ ]+)*(?:\w+[ ]+)?import[ ]+"#
      + #"(?:(?:struct|class|enum|func|let|var|protocol|typealias)[ ]+)?(\w+)"#)

  /// Returns the modules that a file imports, with their lines.
  static func imports(of file: SourceFile) -> [(line: Int, captured: String)] {
    importPattern.matches(in: file.code)
  }

  /// Returns the imports of a file that violate a rule.
  static func violations(in file: SourceFile) -> [Violation] {
    guard file.isSwift, let module = file.module else { return [] }
    return imports(of: file).compactMap { found in
      objection(module, imports: found.captured).map {
        Violation(path: file.path, line: found.line, rule: $0)
      }
    }
  }

  /// Returns imports of C modules in more than the one allowed file.
  static func sharedImports(_ files: [SourceFile]) -> [Violation] {
    importedByOneFile.sorted().flatMap { module in
      files.filter { imports(of: $0).contains { $0.captured == module } }.dropFirst().map {
        Violation(path: $0.path, line: 0, rule: "another file imports \(module) already")
      }
    }
  }
}
