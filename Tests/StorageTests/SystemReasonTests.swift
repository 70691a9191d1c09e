import Foundation
import Storage
import TestSupport
import Testing

@Suite struct SystemReasonTests {
  private struct Other: Error, CustomStringConvertible { let description = "other" }

  @Test func errorsOfFoundationHaveTheTextOfTheirErrorNumber() {
    let error = #expect(throws: (any Error).self) {
      try Data([1]).write(to: URL(fileURLWithPath: "/no/such/folder/file"))
    }
    #expect(error.map(SystemReason.text) == "No such file or directory")
    let posix = POSIXError(.ENOSPC)
    #expect(SystemReason.text(of: posix) == "No space left on device")
    #expect(SystemReason.text(of: CocoaError(.fileWriteOutOfSpace)) == "No space left on device")
    #expect(SystemReason.text(of: CocoaError(.coderInvalidValue)) == "Input/output error")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullDeviceIsNamedAsSuch() {
    let error = #expect(throws: (any Error).self) {
      try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full")).write(contentsOf: [1])
    }
    #expect(error.map(SystemReason.text) == "No space left on device")
  }

  @Test func otherErrorsDescribeThemselves() {
    #expect(SystemReason.text(of: Other()) == "other")
    #expect(SystemReason.text(of: FileError.notFound(path: "p")).hasPrefix("p: no such file"))
  }

  @Test func onlyAFullDiskIsOutOfSpace() {
    for (code, isFull) in [(ENOSPC, true), (EDQUOT, true), (EACCES, false), (EFBIG, false)] {
      let reason = SystemReason.text(code: code)
      let error = FileError.unwritable(path: "p", operation: "writing", reason: reason)
      #expect(error.isOutOfSpace == isFull)
    }
    #expect(!FileError.notFound(path: "p").isOutOfSpace)
  }
}
