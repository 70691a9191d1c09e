import Foundation
import TestSupport

/// One text file of this repository.
struct SourceFile: Sendable {
  /// The path from the repository's root.
  let path: String
  let text: String

  /// The lines without their line ends.
  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
  /// The text with comments and the contents of strings replaced by spaces; see ``SwiftCode``.
  var code: String { SwiftCode.blank(text) }
  var isSwift: Bool { path.hasSuffix(".swift") }
  var isMarkdown: Bool { path.hasSuffix(".md") }
  /// The module under Sources that contains the file, or nil.
  var module: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
  }
}

extension Repository {
  /// All files under Sources, Tests, scripts and deploy.
  static let files: [SourceFile] = ["Sources", "Tests", "scripts", "deploy"].flatMap(files(under:))
  /// The files under Sources.
  static let sources = files.filter { $0.path.hasPrefix("Sources/") }
  /// The text files in the root and the script of continuous integration.
  static let rootFiles = [
    "Package.swift", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
    ".editorconfig", ".gitignore", ".swift-format", ".ci/run",
  ].compactMap(file)

  /// The file at a path from the root, or nil.
  static func file(_ path: String) -> SourceFile? {
    (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)).map {
      SourceFile(path: path, text: $0)
    }
  }

  private static func files(under folder: String) -> [SourceFile] {
    let found = FileManager.default.enumerator(
      atPath: root.appendingPathComponent(folder).path)
    let paths = found?.compactMap { $0 as? String } ?? []
    return paths.sorted().map { "\(folder)/\($0)" }.filter(isText).compactMap(file)
  }

  /// Whether a file is one that a person reads: not a compiled one, and no input of a fuzzer.
  private static func isText(_ path: String) -> Bool {
    !path.hasSuffix(".pyc") && !path.hasPrefix("Tests/FuzzTests/Corpus/")
  }

  /// The paths tracked by git, or nil without a checkout or git.
  static var trackedPaths: [String]? {
    guard FileManager.default.fileExists(atPath: root.appendingPathComponent(".git").path) else {
      return nil
    }
    let git = Command("git", ["-C", root.path, "ls-files", "-z"])
    return git.output()?.split(separator: "\0").map(String.init)
  }
}
