/// A message between a launcher and its server: one line of text.
package enum ControlLine: Hashable, Sendable {
  /// The launcher will start no more workers.
  case exhausted
  /// The server has made this number of updates.
  case step(UInt64)
  /// The state of the run in one line; also the server's keep-alive message, about once a second.
  case status(String)

  /// Parses a line; nil for one that this version does not define.
  package init?(_ text: String) {
    if text.hasPrefix(Self.status) {
      self = .status(String(text.dropFirst(Self.status.count)))
      return
    }
    let words = text.split(separator: " ")
    switch (words.first, words.count) {
    case ("exhausted", 1): self = .exhausted
    case ("step", 2):
      guard let step = UInt64(words[1]) else { return nil }
      self = .step(step)
    default: return nil
    }
  }

  /// The line as text.
  package var text: String {
    switch self {
    case .exhausted: "exhausted"
    case .step(let step): "step \(step)"
    case .status(let text): Self.status + text
    }
  }

  private static let status = "status "
}

/// Splits a stream of bytes into lines; lines that are too long are dropped.
package struct LineCutter {
  /// The bytes of the longest line.
  package static let longest = 160

  private var line: [UInt8] = []

  /// Creates a cutter at the beginning of a line.
  package init() {}

  /// Appends bytes and returns the lines that they complete.
  package mutating func take(_ bytes: some Sequence<UInt8>) -> [String] {
    var lines: [String] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        if line.count <= Self.longest { lines.append(String(decoding: line, as: UTF8.self)) }
        line.removeAll(keepingCapacity: true)
      } else if line.count <= Self.longest {
        line.append(byte)
      }
    }
    return lines
  }
}
