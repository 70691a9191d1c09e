import Testing

@testable import Coordination

/// The list of keys: validity, names, and its text.
@Suite struct KeyListTests {
  private static func key(_ letter: Character) -> String { String(repeating: letter, count: 40) }

  private static func entry(
    _ name: String, _ letter: Character, expires: UInt64? = nil, role: Credential.Role = .worker
  ) -> KeyList.Entry {
    KeyList.Entry(
      Credential(name: name, role: role), publicKey: key(letter), created: 100, expires: expires)
  }

  private static func list(_ entries: KeyList.Entry...) throws -> KeyList {
    var list = KeyList()
    for entry in entries { try list.add(entry) }
    return list
  }

  @Test func aKeyIsValidUntilItExpiresOrIsRevoked() throws {
    var list = try Self.list(Self.entry("a", "a"), Self.entry("b", "b", expires: 200))
    #expect(list.credential(of: Self.key("a"), at: 9999)?.name == "a")
    #expect(list.credential(of: Self.key("b"), at: 199)?.name == "b")
    #expect(list.credential(of: Self.key("b"), at: 200) == nil)
    #expect(list[Self.key("b")]?.state(at: 200) == .expired)
    #expect(list.credential(of: Self.key("c"), at: 0) == nil)
    #expect(list.nextExpiry(after: 100) == 200 && list.nextExpiry(after: 200) == nil)
    #expect(list.revoke("a", at: 300) == 1 && list.revoke("a", at: 301) == 0)
    #expect(list[Self.key("a")]?.state(at: 300) == .revoked)
    #expect(list.credential(of: Self.key("a"), at: 300) == nil)
  }

  @Test func duringARotationBothKeysOfANameAreValid() throws {
    var list = try Self.list(Self.entry("a", "a"))
    list.expire("a", at: 500)
    try list.add(Self.entry("a", "b"))
    for letter in ["a", "b"] as [Character] {
      #expect(list.credential(of: Self.key(letter), at: 499)?.name == "a")
    }
    #expect(list.credential(of: Self.key("a"), at: 500) == nil)
    #expect(list.hasValidKey(named: "a", at: 500))
    #expect(list.revoke("a", at: 501) == 2, "a revocation concerns all keys of a name")
    #expect(!list.hasValidKey(named: "a", at: 501))
  }

  @Test func theTextHoldsTheList() throws {
    var list = try Self.list(
      Self.entry("a", "a"), Self.entry("watcher", "b", expires: .max, role: .observer))
    try list.add(
      KeyList.Entry(
        Credential(name: "x.y_z-1", isShared: true), publicKey: Self.key("c"), created: 0))
    _ = list.revoke("a", at: 7)
    #expect(try KeyList(text: list.text) == list)
    #expect(
      list.text.split(separator: "\n").first { $0.hasPrefix("a ") }
        == "a worker single \(Self.key("a")) 100 - 7")
  }

  @Test(arguments: [
    ("", KeyListError.header), ("tributary-keys 2\n", .header),
    ("a worker single k 1 - -", .header),
    ("tributary-keys 1\nnonsense", .line(2)),
    ("tributary-keys 1\n\na  worker single \(key("a")) 1 - -", .line(3)),
    ("tributary-keys 1\na king single \(key("a")) 1 - -", .line(2)),
    ("tributary-keys 1\na worker twice \(key("a")) 1 - -", .line(2)),
    ("tributary-keys 1\na worker single \(key("a"))a 1 - -", .line(2)),
    ("tributary-keys 1\na worker single \(key("a")) -1 - -", .line(2)),
    ("tributary-keys 1\na worker single \(key("a")) 1 x -", .line(2)),
    ("tributary-keys 1\na worker single \(key("a")) 1 - 18446744073709551616", .line(2)),
    ("tributary-keys 1\na/b worker single \(key("a")) 1 - -", .line(2)),
    (
      "tributary-keys 1\na worker single \(key("a")) 1 - -\nb worker single \(key("a")) 1 - -",
      .duplicate(line: 3)
    ),
  ])
  func anotherTextIsRefusedWithItsLine(text: String, error: KeyListError) {
    #expect(throws: error) { try KeyList(text: text) }
  }

  @Test(arguments: ["a", "A.b-c_9", String(repeating: "x", count: 64)])
  func namesHaveLettersDigitsAndMarks(name: String) { #expect(KeyList.isName(name)) }

  @Test(arguments: ["", ".a", "-a", "a b", "a/b", "a\n", "é", String(repeating: "x", count: 65)])
  func otherTextsAreNotNames(name: String) { #expect(!KeyList.isName(name)) }
}
