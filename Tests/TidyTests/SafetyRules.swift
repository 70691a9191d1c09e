/// Rules against code that can trap or access memory unsafely.
///
/// The modules that may use pointers are compiled with strict memory safety, so that each use is
/// marked with `unsafe`; no other module contains the mark.
enum SafetyRules {
  /// The modules whose sources may contain the mark `unsafe`: those of Package.swift.
  private static let markedModules = ["Bytes", "Numerics", "ZeroMQ", "Storage"]

  /// Whether a file may use unsafe memory: the wrappers of the kernels and of ZeroMQ, shared bytes,
  /// the one file that calls zlib, and the one that libFuzzer calls.
  static func mayBeUnsafe(_ path: String) -> Bool {
    ["Sources/Numerics/Kernels", "Sources/Bytes/", "Sources/ZeroMQ/"].contains {
      path.hasPrefix($0)
    }
      || [
        "Sources/Numerics/FloatBuffer.swift",
        "Sources/Storage/Gzip.swift",
        "Sources/Fuzzer/Fuzzer.swift",
      ].contains(path)
  }

  private static let unsafe = Pattern(
    #"\b(Unsafe\w*|withUnsafe\w*|unsafe[A-Z]\w*|nonisolated\(unsafe\)|unchecked"#
      + #"|OpaquePointer|Unmanaged)"#
  )
  private static let mark = Pattern(#"\bunsafe\s+(?=[\w(\[.&{])|@safe\b"#)
  private static let trap = Pattern(#"\b(try!|as!|fatalError|abort)(?!\w)"#)
  private static let unwrap = Pattern(#"[\w\)\]\}"']!(?![=\w(])|\w!\."#)
  private static let wirePath = ["Sources/Wire/", "Sources/Coordination/", "Sources/Processes/"]

  static func violations(in file: SourceFile) -> [Violation] {
    guard file.isSwift else { return [] }
    let code = file.code
    var found = trap.violations(in: code, path: file.path) { "\($0) ends the process" }
    if !mayBeUnsafe(file.path) {
      found += unsafe.violations(in: code, path: file.path) { "\($0) is not allowed here" }
    }
    if !markedModules.contains(where: { file.path.hasPrefix("Sources/\($0)/") }) {
      found += mark.violations(in: code, path: file.path) { "\($0) is not allowed here" }
    }
    if wirePath.contains(where: file.path.hasPrefix) {
      found += unwrap.violations(in: code, path: file.path) { "\($0) unwraps by force" }
    }
    return found
  }
}
