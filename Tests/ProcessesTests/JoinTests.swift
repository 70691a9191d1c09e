import Coordination
import Foundation
import TestSupport
import Testing
import ZeroMQ

@testable import Processes

/// Servers with keys, and the workers that join them by invitation: the real programs.
@Suite(.serialized, .limit(minutes: 4))
struct JoinTests {
  private static let slow = "--data shapes --slow-down 16"

  /// A server with keys at a free port.
  private static func server(
    _ options: String = Training.options, in folder: TemporaryFolder
  ) async throws -> Server {
    try await Server(options, hasKeys: true, in: folder)
  }

  private static func refusals(_ server: Server) throws -> [String: UInt64] {
    struct Report: Decodable { let refusals: [String: UInt64], protection: String }
    let report = try JSONDecoder().decode(
      Report.self, from: server.folder.read("\(server.run)/report.json"))
    #expect(report.protection == "keys")
    return report.refusals
  }

  @Test func workersJoinByFileTextVariableAndInput() async throws {
    let folder = try Training.folder()
    let server = try await Self.server(Training.options + " --start-with 4", in: folder)
    let file = "\(server.run)/invitation"
    let text = try folder.text(file).trimmingCharacters(in: .newlines)
    let common = words("--data shapes --quiet")
    var workers = [
      try Program(["worker", "--join", file] + common, in: folder),
      try Program(["worker", "--join", text] + common, in: folder),
      try Program(["worker"] + common, in: folder, environment: [Invitation.variable: text]),
    ]
    let reader = try Program(["worker", "--join", "-"] + common, in: folder)
    try reader.write(line: text)
    workers.append(reader)
    for worker in workers {
      let end = try await worker.end(within: .seconds(120))
      #expect(end.status == 0, "\(end.errors)")
    }
    #expect(try await server.program.end().status == 0)
    #expect(try await server.model == Training.reference)
    #expect(try Self.refusals(server).isEmpty)
    #expect(server.program.errors.contains("worker.name=worker/"))
    let log = server.program.errors + workers.map(\.errors).joined()
    let invitation = try Invitation(text: text, source: "test")
    #expect(!log.contains(invitation.keys.secretKey.text) && !log.contains(text))
  }

  @Test func aTextInAnArgumentIsHiddenFromOtherProcesses() async throws {
    let folder = try Training.folder()
    let server = try await Self.server(Training.endless, in: folder)
    let text = try folder.text("\(server.run)/invitation").trimmingCharacters(in: .newlines)
    let worker = try Program(["worker", "--join", text] + words(Self.slow), in: folder)
    try await worker.prints("joined the server")
    let line = try String(
      decoding: Data(contentsOf: URL(fileURLWithPath: "/proc/\(worker.identifier)/cmdline")),
      as: UTF8.self)
    #expect(line.contains("--join") && line.contains("xxxx") && !line.contains(text.suffix(40)))
    for program in [worker, server.program] { program.send(SIGTERM) }
    _ = try await (worker.end(), server.program.end())
  }

  @Test func aRevokedKeyIsDisconnectedAndRefused() async throws {
    let folder = try Training.folder()
    let server = try await Self.server(Training.endless, in: folder)
    for name in ["good", "bad"] {
      let end = try await run("keys invite \(name) --run \(server.run)", in: folder)
      #expect(end.status == 0 && end.output == "\(server.run)/invitations/\(name)\n")
    }
    let good = try Program(
      "worker --join \(server.run)/invitations/good \(Self.slow)", in: folder)
    let copy = try folder.read("\(server.run)/invitations/bad")
    try folder.writeSecret(copy, "copy")
    let bad = try Program("worker --join copy \(Self.slow)", in: folder)
    try await server.program.prints("worker joined", times: 2)
    try await server.makesUpdates()
    #expect(try await run("keys revoke bad --run \(server.run)", in: folder).status == 0)
    let end = try await bad.end()
    #expect(end.status == 78, "\(end.errors)")
    #expect(end.errors.contains("does not admit this worker's key"))
    let again = try await run("worker --join copy \(Self.slow)", in: folder)
    #expect(again.status == 78)
    #expect(good.isRunning && server.program.isRunning)
    for program in [good, server.program] { program.send(SIGTERM) }
    #expect(try await server.program.end().status == 143)
    _ = try await good.end()
    #expect(try Self.refusals(server)["revokedKey", default: 0] >= 2)
  }

  @Test func keysOfAnotherRunAndPlainTextAreRefused() async throws {
    let folder = try Training.folder()
    let server = try await Self.server(Training.endless, in: folder)
    let other = try await Server(
      Training.endless, hasKeys: true, run: "other", in: folder)
    let own = try Invitation.read(folder.path + "/\(server.run)/invitation")
    let foreign = try Invitation.read(folder.path + "/other/invitation")
    // The keys of the other run, for this server.
    let mixed = Invitation(
      endpoints: own.endpoints, name: foreign.name, role: .worker, server: own.server,
      keys: foreign.keys)
    let unknown = try Program(
      ["worker"] + words(Self.slow), in: folder,
      environment: [Invitation.variable: mixed.text])
    let plain = try Program(
      "worker --connect \(server.endpoint) --connect-timeout 4 \(Self.slow)", in: folder)
    let first = try await unknown.end()
    #expect(first.status == 78 && first.errors.contains("does not admit this worker's key"))
    let second = try await plain.end()
    #expect(second.status == 69 && second.errors.contains("protect the connection differently"))
    for program in [server.program, other.program] { program.send(SIGTERM) }
    _ = try await (server.program.end(), other.program.end())
    let refusals = try Self.refusals(server)
    #expect(refusals["unknownKey", default: 0] >= 1 && refusals["handshake", default: 0] >= 1)
  }

  @Test func theKeysOfARunSurviveItsResume() async throws {
    let folder = try Training.folder()
    let options = Training.options.replacing("--steps 600", with: "--steps 60")
    let first = try await Self.server(options + " --checkpoint-every 5", in: folder)
    let before = try Invitation.read(folder.path + "/\(first.run)/invitation")
    first.program.send(SIGTERM)
    #expect(try await first.program.end().status == 143)
    let program = try Program(
      "server --resume \(first.run) --data shapes --listen tcp://127.0.0.1:0 --verbose", in: folder)
    let second = try await Server(program, run: first.run, in: folder)
    let after = try Invitation.read(folder.path + "/\(first.run)/invitation")
    #expect(after.keys == before.keys && after.server == before.server)
    #expect(after.endpoints == [second.endpoint])
    let end = try await run("worker --join \(first.run)/invitation --data shapes", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await program.end().status == 0)
  }

  @Test func aTrainingWithATCPEndpointUsesItsOwnInvitation() async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train \(Training.options) --listen tcp://127.0.0.1:0 --workers 2 --run kept", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(end.errors.contains("worker.name=worker/worker-1"))
    #expect(try await folder.read("kept/model.safetensors") == Training.reference)
  }

  @Test func anInsecureServerWarns() async throws {
    let folder = try Training.folder()
    let options = Training.options.replacing("--steps 600", with: "--steps 10")
    let end = try await run(
      "train \(options) --listen tcp://127.0.0.1:0 --insecure --workers 1 --run open", in: folder)
    #expect(end.status == 0 && end.errors.contains("--insecure"))
    #expect(end.output.contains("protection  none"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/open/keys"))
  }

  @Test func filesThatOthersCanReadAreRefused() async throws {
    let folder = try Training.folder()
    let server = try await Self.server(Training.endless, in: folder)
    chmod(folder.path + "/\(server.run)/invitation", 0o644)
    let worker = try await run("worker --join \(server.run)/invitation --data shapes", in: folder)
    #expect(worker.status == 78 && worker.errors.contains("other users"), "\(worker.errors)")
    chmod(folder.path + "/\(server.run)/keys/list", 0o660)
    try await server.program.prints("list of keys cannot be used")
    let list = try await run("keys list --run \(server.run)", in: folder)
    #expect(list.status == 78 && list.errors.contains("keys/list"))
    server.program.send(SIGTERM)
    _ = try await server.program.end()
  }

  @Test(arguments: [
    ("worker --data shapes", 64, "--join"),
    ("worker --join a --connect tcp://127.0.0.1:1", 64, "together"),
    ("worker --join shapes/train-images-idx3-ubyte --data shapes", 78, "train-images"),
    ("worker --join tributary-invitation-1.AAAA --data shapes", 78, "not an invitation"),
    ("keys list --run nothing", 78, "nothing"), ("keys list", 78, "runs"),
    ("keys invite a/b --run nothing", 78, "a/b"),
    ("keys invite a --role king --run nothing", 64, "king"),
    ("keys invite a --valid 5x --run nothing", 64, "5x"),
    ("keys rotate a --keep 99999999999999999999d --run nothing", 64, "--keep"),
  ])
  func wrongCallsNameTheFault(line: String, status: Int32, text: String) async throws {
    let end = try await run(line, in: Training.folder())
    #expect(end.status == status, "\(end.errors)")
    #expect(end.errors.contains(text) && end.errorLines.count == 1, "\(end.errors)")
  }
}

extension TemporaryFolder {
  /// Writes a file that only this user can read.
  fileprivate func writeSecret(_ data: Data, _ name: String) throws {
    _ = try write(Array(data), name)
    try #require(chmod("\(path)/\(name)", 0o600) == 0)
  }
}
