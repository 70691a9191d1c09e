package import Coordination
import Foundation
import Storage
package import ZeroMQ

/// The keys of a run: `keys/server` (the server's secret key), `keys/list` (the public keys that it
/// admits), and the invitations with the secrets of its peers.
package struct RunKeys {
  /// The folder of the run.
  package let run: String

  /// The name of the key in the invitation that a server makes by itself.
  package static let standardName = "worker"
  private static let header = "tributary-server-key 1"

  /// Creates a value for the run in a folder, which need not have keys yet.
  package init(run: String) {
    self.run = run
  }

  private var folder: String { run + "/keys" }
  private var server: String { folder + "/server" }
  /// The path of the list.
  var list: String { folder + "/list" }
  /// The path of the invitation that the server makes by itself.
  package var invitation: String { run + "/invitation" }
  private var invitations: String { run + "/invitations" }
  private func invitation(_ name: String) -> String {
    name == Self.standardName ? invitation : "\(invitations)/\(name)"
  }

  /// Removes what ``prepare()`` makes.
  func remove() {
    for file in [invitation, list, list + ".lock", server] { unlink(file) }
    rmdir(folder)
  }

  /// Whether the run has keys.
  package var exist: Bool { FileManager.default.fileExists(atPath: server) }

  /// Returns the folder in `parent` whose keys changed last.
  package static func newestRun(in parent: String) -> String? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    return names.map { "\(parent)/\($0)" }.compactMap { run -> (run: String, time: Int)? in
      var status = stat()
      guard stat(RunKeys(run: run).list, &status) == 0 else { return nil }
      return (run, status.st_mtim.tv_sec)
    }.max { ($0.time, $0.run) < ($1.time, $1.run) }?.run
  }

  // MARK: The server

  /// Makes what is missing: the server's key, and a list with one key for workers.
  ///
  /// - Returns: the server's secret key and the keys that it admits.
  /// - Throws: ``AccessError``, ``FileError`` or ``ZeroMQError``.
  package func prepare() throws -> (secret: CurveSecretKey, ring: KeyRing) {
    try SecretFile.makeFolder(folder)
    if !exist {
      let keys = try CurveKeyPair()
      try SecretFile.write("\(Self.header)\n\(keys.secretKey.text)\n", to: server)
    }
    if !FileManager.default.fileExists(atPath: list) {
      try add(Self.standardName, role: .worker, isShared: true)
    }
    return (try serverKeys.secretKey, try KeyRing(path: list))
  }

  /// Writes the server's endpoints into all invitations, and removes those whose keys are not valid
  /// any more.
  package func publish(_ endpoints: [String]) throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: invitations)) ?? []
    let list = try KeyListFile.read(list)
    for path in [invitation] + names.sorted().map({ "\(invitations)/\($0)" })
    where FileManager.default.fileExists(atPath: path) {
      var invitation = try Invitation.read(path)
      guard list.credential(of: invitation.keys.publicKey.text, at: WallClock.seconds) != nil
      else {
        unlink(path)
        continue
      }
      invitation.endpoints = endpoints
      try SecretFile.write(invitation.text + "\n", to: path)
    }
  }

  // MARK: Changes

  /// Adds a key.
  ///
  /// - Parameters:
  ///   - isShared: whether several workers may use it.
  ///   - lifetime: the seconds for which it is valid; nil for no limit.
  /// - Returns: the path of the invitation.
  package func invite(
    _ name: String, role: Credential.Role, isShared: Bool = false, lifetime: UInt64? = nil
  ) throws -> String {
    try check(name)
    let now = WallClock.seconds
    guard !(try KeyListFile.read(list).hasValidKey(named: name, at: now)) else {
      throw AccessError.taken(name: name)
    }
    return try add(name, role: role, isShared: isShared, lifetime: lifetime)
  }

  /// Adds another key of the same name, and lets the former ones expire.
  ///
  /// - Parameter keep: the seconds for which the former ones stay valid.
  /// - Returns: the path of the invitation with the new key.
  package func rotate(_ name: String, keep: UInt64) throws -> String {
    let now = WallClock.seconds
    let former = try KeyListFile.update(list) { list in
      let former = list.entries.last { $0.credential.name == name && $0.state(at: now) == .valid }
      guard let former else { throw AccessError.unknown(name: name) }
      list.expire(name, at: now + keep)
      return former
    }
    return try add(
      name, role: former.credential.role, isShared: former.credential.isShared)
  }

  /// Revokes the keys of a name, and removes its invitation.
  package func revoke(_ name: String) throws {
    try checkExistence()
    let count = try KeyListFile.update(list) { $0.revoke(name, at: WallClock.seconds) }
    guard count > 0 else { throw AccessError.unknown(name: name) }
    unlink(invitation(name))
  }

  /// The list.
  package var entries: [KeyList.Entry] {
    get throws {
      try checkExistence()
      return try KeyListFile.read(list).entries
    }
  }

  /// Adds a key to the list and writes its invitation.
  @discardableResult
  private func add(
    _ name: String, role: Credential.Role, isShared: Bool, lifetime: UInt64? = nil
  ) throws -> String {
    let keys = try CurveKeyPair()
    let now = WallClock.seconds
    try KeyListFile.update(list) { list in
      try list.add(
        KeyList.Entry(
          Credential(name: name, role: role, isShared: isShared), publicKey: keys.publicKey.text,
          created: now, expires: lifetime.map { now + $0 }))
    }
    let path = invitation(name)
    if name != Self.standardName { try SecretFile.makeFolder(invitations) }
    // A server that has not been bound yet publishes its endpoints later.
    let invitation = Invitation(
      endpoints: RunFolder.publishedEndpoints(run), name: name, role: role,
      server: try serverKeys.publicKey, keys: keys)
    try SecretFile.write(invitation.text + "\n", to: path)
    return path
  }

  private var serverKeys: CurveKeyPair {
    get throws {
      let lines = try SecretFile.read(server).split(separator: "\n").map(String.init)
      guard lines.first == Self.header, lines.count == 2, let secret = CurveSecretKey(lines[1])
      else { throw AccessError.malformed(path: server, reason: "it is not a server's key") }
      return try CurveKeyPair(secretKey: secret)
    }
  }

  private func check(_ name: String) throws {
    guard KeyList.isName(name) else { throw AccessError.name(name) }
    try checkExistence()
  }

  private func checkExistence() throws {
    guard exist else { throw AccessError.noKeys(folder: run) }
  }
}
