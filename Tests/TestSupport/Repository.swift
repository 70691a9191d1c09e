package import Foundation

/// The repository that contains these tests.
package enum Repository {
  /// The folder that contains Package.swift.
  package static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Returns the path of a file, given from the root.
  package static func path(_ file: String) -> String { root.appendingPathComponent(file).path }
}
