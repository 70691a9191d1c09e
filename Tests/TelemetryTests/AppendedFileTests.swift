import Foundation
import TestSupport
import Testing

@testable import Telemetry

@Suite struct AppendedFileTests {
  /// A disk with a limit on the size of a file, on which truncating fails.
  private final class Disk {
    var limit = Int.max
    var truncates = true

    var system: AppendedFile.System {
      var system = AppendedFile.System()
      let (write, truncate) = (system.write, system.truncate)
      system.write = { descriptor, bytes, offset in
        errno = ENOSPC
        let room = self.limit - offset
        return room > 0 ? write(descriptor, Array(bytes.prefix(room)), offset) : -1
      }
      system.truncate = { descriptor, offset in
        errno = EIO
        return self.truncates ? truncate(descriptor, offset) : -1
      }
      return system
    }
  }

  private func append(_ numbers: ClosedRange<Int>, to file: AppendedFile) {
    for number in numbers { file.append("line \(number)\n".utf8) }
  }

  @Test(arguments: [true, false])
  func afterAFullDiskEveryRecordIsInTheFileOnce(truncates: Bool) throws {
    let folder = try TemporaryFolder()
    let disk = Disk()
    let file = try AppendedFile(path: folder.file("f"), isNew: true, system: disk.system)
    append(1...3, to: file)
    try file.flush()
    disk.limit = 33  // four records and a part of the fifth
    disk.truncates = truncates
    append(4...6, to: file)
    #expect(throws: POSIXError(.ENOSPC)) { try file.flush() }
    if truncates { #expect(try folder.text("f") == lines(1...4)) }
    append(7...7, to: file)
    #expect(throws: POSIXError(.ENOSPC)) { try file.flush() }
    disk.limit = .max
    append(8...8, to: file)
    try file.flush()
    #expect(try folder.text("f") == lines(1...8))
    #expect(file.takeDropped() == 0)
  }

  @Test func theOldestRecordsWithoutRoomAreDroppedAndCounted() throws {
    let folder = try TemporaryFolder()
    let disk = Disk()
    let file = try AppendedFile(
      path: folder.file("f"), isNew: true, capacity: 30, system: disk.system)
    disk.limit = 0
    append(1...9, to: file)
    #expect(throws: POSIXError(.ENOSPC)) { try file.flush() }
    #expect(file.takeDropped() == 5)
    #expect(file.takeDropped() == 0)
    disk.limit = .max
    try file.flush()
    #expect(try folder.text("f") == lines(6...9))
  }

  @Test func anExistingFileIsContinued() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array(lines(1...2).utf8), "f")
    let file = try AppendedFile(path: folder.file("f"), isNew: false)
    append(3...3, to: file)
    try file.flush()
    #expect(try folder.text("f") == lines(1...3))
  }

  private func lines(_ numbers: ClosedRange<Int>) -> String {
    numbers.map { "line \($0)\n" }.joined()
  }
}
