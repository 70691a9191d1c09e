/// The text of a list of keys: a header, then one line for each key.
extension KeyList {
  static let header = "tributary-keys 1"
  private static let none = "-"
  private static let keyCharacters = 40

  /// The list as a text.
  package var text: String {
    ([Self.header] + entries.map(Self.line)).joined(separator: "\n") + "\n"
  }

  /// Parses a text.
  package init(text: String) throws(KeyListError) {
    self.init()
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first.map({ $0 == Self.header }) == true else { throw .header }
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      guard let entry = Self.entry(line) else { throw .line(index + 1) }
      do {
        try add(entry)
      } catch .duplicate {
        throw .duplicate(line: index + 1)
      }
    }
  }

  /// Whether a text can be the name of a key: 1 to 64 letters, digits, dots, hyphens and
  /// underscores of ASCII, the first one a letter or digit.
  package static func isName(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, isLetterOrDigit(first) else { return false }
    return text.utf8.count <= 64 && text.utf8.allSatisfy { isLetterOrDigit($0) || isMark($0) }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  private static func isMark(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  private static func line(_ entry: Entry) -> String {
    let credential = entry.credential
    return [
      credential.name, credential.role.rawValue, credential.isShared ? "shared" : "single",
      entry.publicKey, "\(entry.created)", entry.expires.map { "\($0)" } ?? none,
      entry.revoked.map { "\($0)" } ?? none,
    ].joined(separator: " ")
  }

  private static func entry(_ line: Substring) -> Entry? {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 7, isName(words[0]),
      let role = Credential.Role(rawValue: String(words[1])),
      words[2] == "shared" || words[2] == "single", words[3].utf8.count == keyCharacters,
      let created = UInt64(words[4]), let expires = time(words[5]), let revoked = time(words[6])
    else { return nil }
    let credential = Credential(
      name: String(words[0]), role: role, isShared: words[2] == "shared")
    var entry = Entry(
      credential, publicKey: String(words[3]), created: created, expires: expires)
    entry.revoked = revoked
    return entry
  }

  /// Parses a time; the outer optional is nil for a text that is none.
  private static func time(_ word: Substring) -> UInt64?? {
    word == none ? .some(nil) : UInt64(word).map { .some($0) }
  }
}
