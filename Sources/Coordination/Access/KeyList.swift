/// The public keys that a server admits, with names and roles.
///
/// A name may have several keys, such as during a rotation. Keys that are revoked stay in the list,
/// so that an attempt to use one is reported with its name.
package struct KeyList: Sendable, Equatable {
  /// A key of the list.
  package struct Entry: Sendable, Equatable {
    /// The name, role and use of the key.
    package let credential: Credential
    /// The public key: 40 characters of Z85.
    package let publicKey: String
    /// The time of its creation in seconds since 1970.
    package let created: UInt64
    /// The time in seconds since 1970 from which it is not valid any more; nil for none.
    package internal(set) var expires: UInt64?
    /// The time of its revocation in seconds since 1970; nil if it is not revoked.
    package internal(set) var revoked: UInt64?

    /// Creates a valid key.
    package init(
      _ credential: Credential, publicKey: String, created: UInt64, expires: UInt64? = nil
    ) {
      self.credential = credential
      self.publicKey = publicKey
      self.created = created
      self.expires = expires
    }

    /// Returns the state of the key at a time.
    package func state(at now: UInt64) -> State {
      if revoked != nil { return .revoked }
      if let expires, now >= expires { return .expired }
      return .valid
    }
  }

  /// The state of a key.
  package enum State: String, Sendable {
    /// The server admits it.
    case valid
    /// Its time has passed.
    case expired
    /// It was revoked.
    case revoked
  }

  /// Limit on the number of keys.
  package static let mostKeys = 16_384

  /// The keys in the order of their creation.
  package private(set) var entries: [Entry] = []
  private var byKey: [String: Int] = [:]

  /// Creates an empty list.
  package init() {}

  /// Returns the entry of a public key.
  package subscript(publicKey: String) -> Entry? { byKey[publicKey].map { entries[$0] } }

  /// Returns the credential of a public key if it is valid at `now`.
  package func credential(of publicKey: String, at now: UInt64) -> Credential? {
    self[publicKey].flatMap { $0.state(at: now) == .valid ? $0.credential : nil }
  }

  /// Whether a key of this name is valid at `now`.
  package func hasValidKey(named name: String, at now: UInt64) -> Bool {
    entries.contains { $0.credential.name == name && $0.state(at: now) == .valid }
  }

  /// Returns the time at which the next valid key expires, after `now`.
  package func nextExpiry(after now: UInt64) -> UInt64? {
    entries.lazy.filter { $0.revoked == nil }.compactMap(\.expires).filter { $0 > now }.min()
  }

  /// Adds a key.
  ///
  /// - Throws: ``KeyListError/duplicate(line:)`` or ``KeyListError/full``.
  package mutating func add(_ entry: Entry) throws(KeyListError) {
    guard entries.count < Self.mostKeys else { throw .full }
    guard byKey[entry.publicKey] == nil else { throw .duplicate(line: entries.count + 1) }
    byKey[entry.publicKey] = entries.count
    entries.append(entry)
  }

  /// Revokes the keys of a name.
  ///
  /// - Returns: the number of keys that were not revoked before.
  package mutating func revoke(_ name: String, at now: UInt64) -> Int {
    var count = 0
    for index in entries.indices
    where entries[index].credential.name == name && entries[index].revoked == nil {
      entries[index].revoked = now
      count += 1
    }
    return count
  }

  /// Limits the validity of the keys of a name: those that are valid expire at `end` or before.
  package mutating func expire(_ name: String, at end: UInt64) {
    for index in entries.indices where entries[index].credential.name == name {
      entries[index].expires = min(entries[index].expires ?? end, end)
    }
  }
}

/// A violation of the rules of a list of keys.
package enum KeyListError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The first line is not that of a list of keys.
  case header
  /// A line is not `NAME ROLE USE KEY CREATED EXPIRES REVOKED`.
  case line(Int)
  /// The key of a line is in an earlier one.
  case duplicate(line: Int)
  /// The list has the greatest number of keys.
  case full

  /// One line: the fault and its place.
  package var description: String {
    switch self {
    case .header: "line 1 is not '\(KeyList.header)'"
    case .line(let line): "line \(line) is not NAME ROLE USE KEY CREATED EXPIRES REVOKED"
    case .duplicate(let line): "line \(line) has the key of an earlier line"
    case .full: "there are more than \(KeyList.mostKeys) keys"
    }
  }
}
