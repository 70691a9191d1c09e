/// Separates Swift code from comments and string literals.
enum SwiftCode {
  private static let newline = UInt8(ascii: "\n"), space = UInt8(ascii: " ")
  private static let quote = UInt8(ascii: "\""), backslash = UInt8(ascii: "\\")
  private static let slash = UInt8(ascii: "/"), star = UInt8(ascii: "*")
  private static let hash = UInt8(ascii: "#")

  /// The text with comments and the contents of string literals replaced by spaces; lines keep
  /// their places. Works for C as well.
  static func blank(_ text: String) -> String {
    var bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
      if starts(bytes, index, [slash, slash]) {
        index = blank(&bytes, from: index) { bytes, at in bytes[at] == newline ? 0 : nil }
      } else if starts(bytes, index, [slash, star]) {
        index = blank(&bytes, from: index) { starts($0, $1, [star, slash]) ? 2 : nil }
      } else if let (opening, closing) = delimiters(bytes, index) {
        index = blankString(&bytes, from: index + opening, closing: closing)
      } else {
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The complement of ``blank(_:)``: comments and string literals, with the code between them
  /// replaced by spaces and lines kept in place.
  static func prose(_ text: String) -> String {
    let code = Array(blank(text).utf8)
    let bytes = zip(text.utf8, code).map { byte, code in
      byte == code && byte != newline ? space : byte
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Blanks bytes until `end` returns the length of the end mark; returns the index after it.
  private static func blank(
    _ bytes: inout [UInt8], from start: Int, end: ([UInt8], Int) -> Int?
  ) -> Int {
    var index = start
    while index < bytes.count {
      if let length = end(bytes, index) {
        for place in index..<index + length { bytes[place] = space }
        return index + length
      }
      if bytes[index] != newline { bytes[index] = space }
      index += 1
    }
    return index
  }

  private static func blankString(
    _ bytes: inout [UInt8], from start: Int, closing: [UInt8]
  ) -> Int {
    let isRaw = closing.last == hash
    let isMultiline = closing.starts(with: [quote, quote, quote])
    var index = start
    while index < bytes.count, !starts(bytes, index, closing) {
      if bytes[index] == newline, !isMultiline { return index }  // not a string literal
      if bytes[index] == backslash, !isRaw, index + 1 < bytes.count {
        if bytes[index + 1] != newline { bytes[index + 1] = space }
        bytes[index] = space
        index += 1
      } else if bytes[index] != newline {
        bytes[index] = space
      }
      index += 1
    }
    return index + closing.count
  }

  /// Returns the length of the opening delimiter of a string literal at `index` and its closing
  /// delimiter, or nil if no literal begins there.
  private static func delimiters(_ bytes: [UInt8], _ index: Int) -> (Int, [UInt8])? {
    var hashes = 0
    while index + hashes < bytes.count, bytes[index + hashes] == hash { hashes += 1 }
    guard index + hashes < bytes.count, bytes[index + hashes] == quote else { return nil }
    let triple = starts(bytes, index + hashes, [quote, quote, quote])
    let quotes = Array(repeating: quote, count: triple ? 3 : 1)
    return (hashes + quotes.count, quotes + Array(repeating: hash, count: hashes))
  }

  private static func starts(_ bytes: [UInt8], _ index: Int, _ prefix: [UInt8]) -> Bool {
    guard bytes[index] == prefix[0], index + prefix.count <= bytes.count else { return false }
    return bytes[index..<index + prefix.count].elementsEqual(prefix)
  }
}
