import Coordination
import Foundation
import TestSupport
import Testing
import ZeroMQ

@testable import Processes

/// The files with a run's keys, and invitations.
@Suite struct RunKeysTests {
  private static func prepared() throws -> (folder: TemporaryFolder, keys: RunKeys, ring: KeyRing) {
    let folder = try TemporaryFolder()
    let keys = RunKeys(run: folder.path)
    return (folder, keys, try keys.prepare().ring)
  }

  private static func mode(_ path: String) throws -> mode_t {
    var status = stat()
    try #require(stat(path, &status) == 0)
    return status.st_mode & 0o777
  }

  @Test func aServerMakesItsKeyOneKeyForWorkersAndAnInvitation() throws {
    let (folder, keys, ring) = try Self.prepared()
    try keys.publish(["tcp://10.0.0.1:77"])
    let invitation = try Invitation.read(keys.invitation)
    #expect(invitation.endpoints == ["tcp://10.0.0.1:77"] && invitation.role == .worker)
    #expect(
      ring.credential(of: invitation.keys.publicKey.text)
        == Credential(name: "worker", isShared: true))
    let again = try keys.prepare()
    #expect(try CurveKeyPair(secretKey: again.secret).publicKey == invitation.server)
    #expect(again.ring.list == ring.list)
    for name in ["keys/server", "keys/list", "invitation"] {
      #expect(try Self.mode(folder.path + "/" + name) == 0o600, "\(name)")
    }
    #expect(try Self.mode(folder.path + "/keys") == 0o700)
  }

  @Test func aRunningServerSeesChangesOfItsList() throws {
    let (folder, keys, ring) = try Self.prepared()
    #expect(try !ring.takeChange())
    let path = try keys.invite("gpu", role: .observer, lifetime: 3600)
    let invitation = try Invitation.read(path)
    #expect(try ring.takeChange() && !ring.takeChange())
    #expect(
      ring.credential(of: invitation.keys.publicKey.text)
        == Credential(name: "gpu", role: .observer))
    try keys.revoke("gpu")
    #expect(try ring.takeChange())
    #expect(ring.credential(of: invitation.keys.publicKey.text) == nil)
    #expect(!FileManager.default.fileExists(atPath: path), "its invitation is useless")
    withExtendedLifetime(folder) {}
  }

  @Test func aDamagedListLeavesTheFormerOneValid() throws {
    let (folder, keys, ring) = try Self.prepared()
    let text = try String(contentsOfFile: keys.list, encoding: .utf8)
    try SecretFile.write(text + "nonsense\n", to: keys.list)
    #expect(throws: AccessError.self) { try ring.takeChange() }
    #expect(try !ring.takeChange(), "an error is reported once")
    #expect(ring.list.entries.count == 1)
    try SecretFile.write(text, to: keys.list)
    #expect(try ring.takeChange())
    withExtendedLifetime(folder) {}
  }

  @Test func bothKeysAreValidDuringARotation() throws {
    let (folder, keys, ring) = try Self.prepared()
    let former = try Invitation.read(try keys.invite("gpu", role: .worker))
    let next = try Invitation.read(try keys.rotate("gpu", keep: 3600))
    #expect(former.keys != next.keys && former.server == next.server)
    #expect(try ring.takeChange())
    for keys in [former.keys, next.keys] {
      #expect(ring.credential(of: keys.publicKey.text)?.name == "gpu")
    }
    _ = try keys.rotate("gpu", keep: 0)
    #expect(try ring.takeChange())
    #expect(ring.credential(of: next.keys.publicKey.text) == nil)
    withExtendedLifetime(folder) {}
  }

  @Test func aRevokedStandardKeyIsNotMadeAgain() throws {
    let (folder, keys, _) = try Self.prepared()
    try keys.revoke(RunKeys.standardName)
    let ring = try keys.prepare().ring
    #expect(ring.list.entries.count == 1 && ring.list.entries[0].state(at: 0) == .revoked)
    try keys.publish(["tcp://127.0.0.1:9"])
    #expect(!FileManager.default.fileExists(atPath: keys.invitation))
    withExtendedLifetime(folder) {}
  }

  @Test func namesAreTakenWhileTheirKeysAreValid() throws {
    let (folder, keys, _) = try Self.prepared()
    _ = try keys.invite("gpu", role: .worker)
    #expect(throws: AccessError.taken(name: "gpu")) { try keys.invite("gpu", role: .worker) }
    try keys.revoke("gpu")
    #expect(throws: AccessError.unknown(name: "gpu")) { try keys.revoke("gpu") }
    #expect(throws: AccessError.unknown(name: "gpu")) { try keys.rotate("gpu", keep: 1) }
    _ = try keys.invite("gpu", role: .worker)
    withExtendedLifetime(folder) {}
  }

  // MARK: Invitations

  @Test func anInvitationIsOneLineForAShell() throws {
    let invitation = Invitation(
      endpoints: ["tcp://[fe80::1]:5555"], name: "gpu", role: .worker,
      server: try CurveKeyPair().publicKey, keys: try CurveKeyPair())
    let text = try invitation.text
    #expect(
      text.utf8.allSatisfy {
        $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
          || ("0"..."9").contains(Character(Unicode.Scalar($0)))
          || Character(Unicode.Scalar($0)).isLetter
      })
    #expect(try Invitation(text: " \(text)\r\n", source: "") == invitation)
    #expect(try Invitation.read(text) == invitation)
  }

  @Test func everyChangedCharacterOfAnInvitationIsHarmless() throws {
    let text = try Invitation(
      endpoints: ["tcp://127.0.0.1:5555"], name: "gpu", role: .worker,
      server: try CurveKeyPair().publicKey, keys: try CurveKeyPair()
    ).text
    for index in text.indices {
      for replacement in ["A", "_", "é", "\0", ""] {
        var changed = text
        changed.replaceSubrange(index...index, with: replacement)
        _ = try? Invitation(text: changed, source: "test")  // an error or other values, no trap
      }
    }
    #expect(throws: AccessError.notAnInvitation(source: "x")) {
      try Invitation(text: text + String(repeating: "A", count: 5000), source: "x")
    }
  }
}
