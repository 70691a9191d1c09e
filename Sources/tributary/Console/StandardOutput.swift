import Foundation
import Storage

/// Checked writes to standard output: unlike those of `print`, failures are errors.
enum StandardOutput {
  /// Writes a text and a newline.
  ///
  /// - Throws: ``OutputError`` if it cannot be written, as on a full disk.
  static func write(_ text: String) throws { try write(Data((text + "\n").utf8)) }

  /// Writes data.
  ///
  /// - Throws: ``OutputError`` if they cannot be written, as on a full disk.
  static func write(_ data: Data) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: data)
    } catch {
      throw OutputError(reason: SystemReason.text(of: error))
    }
  }
}

/// A failed write to standard output.
struct OutputError: Error, CustomStringConvertible {
  /// The reason of the operating system.
  let reason: String

  /// One line with the reason and the remedy.
  var description: String {
    "standard output: writing failed (\(reason)); free space, or redirect it elsewhere"
  }
}
