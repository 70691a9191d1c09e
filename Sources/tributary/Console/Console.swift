import Foundation
import Logging
import Synchronization
import Telemetry

/// Standard error: lines of text above a progress line that stays at the bottom.
final class Console: Sendable {
  static let shared = Console()

  private let interruption = Mutex("")

  private init() {}

  /// The style of the progress line: live if standard error is a terminal.
  static var style: ProgressLine.Style {
    guard isatty(STDERR_FILENO) == 1 else { return .plain }
    var size = winsize()
    let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return .live(columns: isKnown ? Int(size.ws_col) : 80)
  }

  /// Writes one line; a live progress line is erased first.
  func line(_ text: String) {
    interruption.withLock { interruption in
      write(interruption + Self.printable(text) + "\n")
    }
  }

  /// Returns the text with `?` for control characters. Names and reasons are sent by peers, and
  /// must not start new lines or control the terminal.
  private static func printable(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isPrintable($0) ? $0 : "?" }))
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }

  /// Writes the text of a progress line without changes. A live line is truncated at the width of
  /// the terminal, even if the terminal has become narrower.
  func progress(_ text: String, interruption: String) {
    self.interruption.withLock { current in
      current = interruption
      write(interruption.isEmpty ? text : "\u{1B}[?7l" + text + "\u{1B}[?7h")
    }
  }

  /// Prepares for a progress line that another process writes: every line of this process erases it
  /// first.
  func sharesTerminal() {
    interruption.withLock { $0 = ProgressLine(style: Self.style).interruption }
  }

  /// Erases the live progress line.
  func endProgress() {
    interruption.withLock { interruption in
      write(interruption)
      interruption = ""
    }
  }

  private func write(_ text: String) {
    guard !text.isEmpty else { return }
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}

/// A log handler that prints events as single lines: the message, then metadata as `key=value`.
struct ConsoleLogHandler: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  #if compiler(>=6.2)
    func log(event: LogEvent) {
      write(level: event.level, message: event.message, metadata: event.metadata)
    }
  #else  // the versions of swift-log for Swift 6.1 have no events
    func log(
      level: Logger.Level, message: Logger.Message, metadata: Logger.Metadata?,
      source: String, file: String, function: String, line: UInt
    ) {
      write(level: level, message: message, metadata: metadata)
    }
  #endif

  private func write(
    level: Logger.Level, message: Logger.Message, metadata extra: Logger.Metadata?
  ) {
    let pairs = metadata.merging(extra ?? [:]) { $1 }
      .sorted { $0.key < $1.key }.map { "  \($0.key)=\($0.value)" }.joined()
    let prefix = level >= .warning ? "\(level): " : ""
    Console.shared.line("\(prefix)\(message)\(pairs)")
  }

  /// Creates a logger that writes to the console.
  static func logger(_ level: Logger.Level) -> Logger {
    Logger(label: "tributary") { _ in ConsoleLogHandler(logLevel: level) }
  }
}
