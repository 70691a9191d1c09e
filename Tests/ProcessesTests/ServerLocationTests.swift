import Coordination
import Foundation
import TestSupport
import Testing
import ZeroMQ

@testable import Processes

/// The places that name a worker's server.
@Suite struct ServerLocationTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func endpoints(_ location: ServerLocation) throws -> [String]? {
    try location.read()?.candidates.map(\.endpoint)
  }

  private func invitation(_ endpoints: [String]) throws -> Invitation {
    Invitation(
      endpoints: endpoints, name: "gpu", role: .worker, server: try CurveKeyPair().publicKey,
      keys: try CurveKeyPair())
  }

  @Test(arguments: [
    "tcp://0.0.0.0:5", "tcp://*:5", "tcp://[::]:5", "tcp://127.0.0.1:0", "tcp://a", "udp://a:1",
  ])
  func anEndpointThatNoOneCanConnectToIsRefused(endpoint: String) {
    #expect(throws: ProcessError.unusable(endpoint: endpoint)) {
      try ServerLocation(endpoint: endpoint)
    }
  }

  @Test func aNameIsTriedWithBothVersionsOfIP() throws {
    let route = try ServerLocation(endpoint: "tcp://gpu.example:5").read()
    #expect(route?.candidates.map(\.family) == [.ipv4, .ipv6])
    for endpoint in ["tcp://10.0.0.1:5", "tcp://[fd00::1]:5", "ipc:///x"] {
      #expect(try ServerLocation(endpoint: endpoint).read()?.candidates.map(\.family) == [nil])
    }
  }

  @Test func anInvitationIsReadAgain() throws {
    let path = folder.file("invitation")
    let location = ServerLocation(path: path)
    #expect(try location.read() == nil, "it may be written later")
    var invitation = try invitation([])
    try SecretFile.write(invitation.text, to: path)
    #expect(try location.read() == nil, "the server has not started")
    for next in [["tcp://10.0.0.1:5", "tcp://[fd00::1]:5"], ["tcp://10.0.0.2:5"]] {
      invitation.endpoints = next
      try SecretFile.write(invitation.text, to: path)
      #expect(try endpoints(location) == next)
      #expect(try location.read()?.invitation == invitation)
    }
    chmod(path, 0o644)
    #expect(throws: AccessError.exposed(path: path)) { try location.read() }
  }

  @Test func anInvitationForAnotherRoleIsRefused() throws {
    let path = folder.file("invitation")
    let invitation = try invitation(["tcp://10.0.0.1:5"])
    try SecretFile.write(invitation.text, to: path)
    #expect(throws: AccessError.role("worker")) {
      try ServerLocation(path: path, role: .observer).read()
    }
    #expect(throws: AccessError.role("worker")) { try ServerLocation(invitation, role: .observer) }
  }

  @Test func aTextFromBeforeTheStartOfTheServerIsRefused() throws {
    let early = try invitation([])
    #expect(throws: AccessError.early) { try ServerLocation(early) }
  }

  @Test func aRunWithKeysIsFoundByItsInvitationAndOnTheSameHostByTheLoopback() throws {
    let run = folder.file("run")
    let location = ServerLocation(path: run)
    let keys = RunKeys(run: run)
    try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: false)
    _ = try keys.prepare()
    #expect(try location.read() == nil)
    try keys.publish(["tcp://10.0.0.1:5"])
    try folder.write("tcp://10.0.0.1:5\n".utf8, "run/endpoint")
    #expect(try endpoints(location) == ["tcp://10.0.0.1:5"])
    #expect(try location.read()?.invitation?.name == RunKeys.standardName)
    try folder.write("tcp://*:5\n".utf8, "run/listen")
    #expect(try endpoints(location) == ["tcp://10.0.0.1:5", "tcp://127.0.0.1:5"])

    // Never without the keys, even if the invitation is gone.
    try keys.revoke(RunKeys.standardName)
    #expect(try location.read() == nil)
  }

  @Test func aRunWithoutKeysIsFoundByItsEndpoints() throws {
    let location = ServerLocation(path: folder.file("run"))
    try folder.write("tcp://10.0.0.1:5\ntcp://0.0.0.0:5\ntcp://[fd00::1]:5\n".utf8, "run/endpoint")
    #expect(try endpoints(location) == ["tcp://10.0.0.1:5", "tcp://[fd00::1]:5"])
    #expect(try location.read()?.invitation == nil)
  }

  @Test func aPrivateEndpointNeedsNoKeysWhereTheRunHasSome() throws {
    let run = folder.file("run")
    let inner = folder.file("inner")
    try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: false)
    _ = try RunKeys(run: run).prepare()
    #expect(mkdir(inner, 0o700) == 0)
    try folder.write("ipc://\(inner)/socket\n".utf8, "run/endpoint")
    let route = try ServerLocation(path: run).read()
    #expect(route?.candidates.map(\.endpoint) == ["ipc://\(inner)/socket"])
    #expect(route?.invitation == nil)
  }
}
