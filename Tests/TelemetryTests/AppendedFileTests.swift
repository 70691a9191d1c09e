import Foundation
import TestSupport
import Testing

@testable import Telemetry

@Suite struct AppendedFileTests {
  private func withPath(_ body: (String) throws -> Void) throws {
    let folder = try TemporaryFolder()
    try body(folder.file("appended"))
  }

  @Test func recordsAreWrittenByAFlush() throws {
    try withPath { path in
      try Data("old".utf8).write(to: URL(fileURLWithPath: path))
      let file = try AppendedFile(path: path, isNew: true)
      file.append("one".utf8)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "")
      try file.flush()
      try file.flush()
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "one")
    }
  }

  @Test func anExistingFileIsContinued() throws {
    try withPath { path in
      try Data("old ".utf8).write(to: URL(fileURLWithPath: path))
      let file = try AppendedFile(path: path, isNew: false)
      file.append("new".utf8)
      try file.flush()
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old new")
    }
  }

  @Test func aMissingFileCannotBeContinued() {
    #expect(throws: (any Error).self) { try AppendedFile(path: "/no/such/file", isNew: false) }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func recordsThatCannotBeWrittenStayBuffered() throws {
    let file = try AppendedFile(path: "/dev/full", isNew: false)
    file.append("one".utf8)
    for _ in 0..<2 { #expect(throws: (any Error).self) { try file.flush() } }
  }
}
