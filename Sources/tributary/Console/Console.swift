import Foundation
import Logging
import Processes
import Synchronization
import Telemetry

/// Standard error: lines of text above a progress line that stays at the bottom.
///
/// A thread of its own writes them, so that a terminal that is stopped, or a pipe that is not read,
/// stops nothing else. Lines that find no room in its queue are dropped and counted.
final class Console: Sendable {
  static let shared = Console()

  /// A text for standard error.
  private struct Output {
    let text: String
    /// Whether a later progress line replaces the text while it waits.
    var isReplaceable = false
  }

  /// Limit on the texts that wait, in bytes.
  private static let capacity = 1 << 18
  /// Limit on the wait for standard error before the process writes elsewhere, or exits.
  private static let patience = DispatchTimeInterval.seconds(1)

  private let interruption = Mutex("")
  private let queue: BackgroundQueue<Output>

  private init() {
    var behavior = BackgroundQueue<Output>.Behavior(capacity: Self.capacity) { dropped in
      Output(text: "… \(Formatting.grouped(UInt64(dropped))) lines dropped\n")
    }
    behavior.cost = { $0.text.utf8.count + 64 }
    behavior.merge = { $0.isReplaceable && $1.isReplaceable ? $1 : nil }
    queue = BackgroundQueue("console", behavior) { Self.write($0.text) }
  }

  /// The style of the progress line: live if standard error is a terminal.
  static var style: ProgressLine.Style {
    guard isatty(STDERR_FILENO) == 1 else { return .plain }
    var size = winsize()
    let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return .live(columns: isKnown ? Int(size.ws_col) : 80)
  }

  /// Writes one line; a live progress line is erased first.
  ///
  /// - Parameter isLast: whether the line is the last one of the process, which is never dropped.
  func line(_ text: String, isLast: Bool = false) {
    interruption.withLock { interruption in
      let output = Output(text: interruption + Self.printable(text) + "\n")
      queue.put(output, isEssential: isLast)
    }
  }

  /// Waits until everything is written, but only for a moment if standard error is blocked.
  func flush() { queue.flush(within: Self.patience) }

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
      let isLive = !interruption.isEmpty
      queue.put(
        Output(
          text: isLive ? "\u{1B}[?7l" + text + "\u{1B}[?7h" : text, isReplaceable: isLive))
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
      if !interruption.isEmpty { queue.put(Output(text: interruption), isEssential: true) }
      interruption = ""
    }
  }

  /// Writes a text; if standard error is closed, the text is lost.
  private static func write(_ text: String) {
    var rest = Array(text.utf8)
    while !rest.isEmpty {
      let written = Foundation.write(STDERR_FILENO, rest, rest.count)
      if written > 0 {
        rest.removeFirst(written)
      } else if errno == EAGAIN {  // another process has made the terminal non-blocking
        var entry = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        poll(&entry, 1, -1)
      } else if errno != EINTR {
        return
      }
    }
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

  func log(event: LogEvent) {
    write(level: event.level, message: event.message, metadata: event.metadata)
  }

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
