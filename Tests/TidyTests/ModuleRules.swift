/// The house: which module stands on which floor, and what each may lean on.
enum House {
  /// The floors from the bottom up; a module imports from lower floors only. Floor 0 of the design
  /// is three levels here: C modules, Bytes, Numerics. Floor 5 is two: Bench below the program.
  static let floors: [[String]] = [
    ["CKernels", "CChecksum", "CZeroMQ", "CZlib", "CLinux"],
    ["Bytes"],
    ["Numerics"],
    ["Learning", "Wire"],
    ["Coordination"],
    ["ZeroMQ", "Storage", "Telemetry"],
    ["Processes", "Simulation"],
    ["Bench"],
    ["tributary"],
  ]

  /// Modules that are pure: no clock, socket, file, thread or global randomness. They import
  /// nothing but modules of the house.
  static let pure: Set<String> = [
    "Bytes", "Numerics", "Learning", "Wire", "Coordination", "Simulation",
  ]

  /// C modules, and the one Swift module that imports each; some are imported by one file alone.
  static let doors = [
    "CKernels": "Numerics", "CZlib": "Storage", "CLinux": "Processes", "CZeroMQ": "ZeroMQ",
    "CChecksum": "Bytes",
  ]
  static let doorsOfOneFile: Set<String> = ["CKernels", "CChecksum", "CZlib"]

  /// The floor of a module; nil for a module that is not of this house.
  static func floor(of module: String) -> Int? {
    floors.firstIndex { $0.contains(module) }
  }

  /// What is wrong with `module` importing `imported`, if anything is.
  static func objection(_ module: String, imports imported: String) -> String? {
    guard let floor = floor(of: module) else { return "module \(module) has no floor" }
    guard let other = Self.floor(of: imported) else {
      return pure.contains(module) ? "\(module) is pure and imports \(imported)" : nil
    }
    guard other < floor else { return "\(module) imports \(imported), which is not below it" }
    guard let door = doors[imported], door != module else { return nil }
    return "\(imported) is imported by \(door) alone, not by \(module)"
  }

  private static let importPattern = Pattern(
    #"^[ ]*(?:@\w+[ ]+)*(?:\w+[ ]+)?import[ ]+"#
      + #"(?:(?:struct|class|enum|func|let|var|protocol|typealias)[ ]+)?(\w+)"#)

  /// The modules that a file imports, with their lines.
  static func imports(of file: SourceFile) -> [(line: Int, captured: String)] {
    importPattern.matches(in: file.code)
  }

  /// The imports of a file that break a rule.
  static func violations(in file: SourceFile) -> [Violation] {
    guard file.isSwift, let module = file.module else { return [] }
    return imports(of: file).compactMap { found in
      objection(module, imports: found.captured).map {
        Violation(path: file.path, line: found.line, rule: $0)
      }
    }
  }

  /// C modules that more than one file imports though they should not.
  static func sharedDoors(_ files: [SourceFile]) -> [Violation] {
    doorsOfOneFile.sorted().flatMap { door in
      files.filter { imports(of: $0).contains { $0.captured == door } }.dropFirst().map {
        Violation(path: $0.path, line: 0, rule: "\(door) is imported by another file already")
      }
    }
  }
}
