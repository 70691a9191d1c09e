import Foundation
import Storage

/// Standard output with checked writes: unlike `print`, a write that fails is an error, so that a
/// full disk behind a redirection does not pass for success.
enum StandardOutput {
  /// Writes `text` without adding anything to it, after the lines on standard error before it.
  ///
  /// - Throws: ``StandardOutputError``.
  static func write(_ text: String) throws(StandardOutputError) {
    Console.shared.flush()
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = Foundation.write(STDOUT_FILENO, Array(rest), rest.count)
      if written < 0, errno == EINTR { continue }
      guard written >= 0 else {
        throw StandardOutputError(reason: SystemReason.text())
      }
      rest = rest.dropFirst(written)
    }
  }

  /// Writes `text` and a line end.
  ///
  /// - Throws: ``StandardOutputError``.
  static func writeLine(_ text: String) throws(StandardOutputError) { try write(text + "\n") }
}

/// A write to standard output that failed.
struct StandardOutputError: Error, CustomStringConvertible {
  /// The operating system's text for the error.
  let reason: String

  var description: String {
    "standard output: writing failed (\(reason)); check the disk, or redirect it elsewhere"
  }
}
