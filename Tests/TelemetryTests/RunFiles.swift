import Foundation
import TestSupport
import Testing

@testable import Telemetry

/// The folder of a run, removed with the value.
final class RunFiles {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  var path: String { folder.path }

  /// The names of the files in a folder of the run, sorted.
  func names(_ folder: String) throws -> [String] {
    try self.folder.names(folder)
  }

  /// The contents of the event files in a folder of the run.
  func contents(_ folder: String) throws -> [[UInt8]] {
    try names(folder).filter { $0.hasPrefix(EventFile.prefix) }.map {
      [UInt8](try self.folder.read("\(folder)/\($0)"))
    }
  }

  /// The scalars in a folder of the run, of one tag or of all.
  func points(_ folder: String, _ tag: String? = nil) throws -> [Point] {
    try contents(folder).flatMap { try #require(readPoints($0)) }
      .filter { tag == nil || $0.tag == tag }
  }

  /// Writes a file of the run.
  func write(_ text: String, to name: String) throws {
    try folder.write(text.utf8, name)
  }
}
