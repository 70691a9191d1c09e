import Foundation
import Learning
import Storage
import TestSupport
import Testing

/// The worker in Python, which was written from the documentation of the protocol, beside one of
/// this program.
@Suite(
  .serialized, .limit(minutes: 3),
  .enabled(
    if: ForeignWorker.interpreter != nil,
    """
    install the packages in scripts/foreign-worker/requirements.txt, or set \
    TRIBUTARY_WORKER_PYTHON to a Python that has them
    """))
struct ForeignWorkerTests {
  private static let options =
    "--data digits --recipe v1 --units 16 --epochs 20 --learning-rate 0.01 --seed 4"

  @Test(arguments: [("async", "4"), ("sync", "16")])
  func itsLeasesAreAppliedBesideThoseOfThisProgram(mode: String, slowDown: String) async throws {
    let folder = try ForeignWorker.folder()
    let server = try await Server("\(Self.options) --mode \(mode) --start-with 2", in: folder)
    let foreign = try ForeignWorker.start(server)
    let own = try server.worker("own", "--data digits --slow-down \(slowDown)")
    for program in [server.program, own] { #expect(try await program.end().status == 0) }
    let end = try await foreign.end()
    #expect(end.status == 0, "\(end.errors)")
    let counts = try #require(end.output.firstMatch(of: /'gradients': (\d+)/)).output
    #expect(try #require(Int(counts.1)) > 0)
    let report = try folder.json("served/report.json")
    #expect(report["outcome"] as? String == "completed")
    #expect(report["ledger_balanced"] as? Bool == true)
    #expect(report["results_rejected"] as? Int == 0)
    #expect(report["workers"] as? Int == 2)
    #expect(try #require(report["test_accuracy"] as? Double) > 0.4)  // chance is 0.1
  }

  @Test(arguments: [true, false])
  func itJoinsByInvitation(asFile: Bool) async throws {
    let folder = try ForeignWorker.folder()
    let options = Self.options.replacing("--epochs 20", with: "--steps 20")
    let server = try await Server(options + " --mode async", hasKeys: true, in: folder)
    let invitation = "\(server.run)/invitation"
    let foreign =
      asFile
      ? try ForeignWorker.start(server, ["--join", folder.file(invitation)])
      : try ForeignWorker.start(server, [], ["TRIBUTARY_INVITATION": folder.text(invitation)])
    let end = try await foreign.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await server.program.end().status == 0)
    #expect(server.program.errors.contains("worker.name=worker/foreign"))
    let report = try folder.json("\(server.run)/report.json")
    #expect(report["protection"] as? String == "keys")
    #expect(report["steps"] as? Int == 20)
  }

  /// Its results are close to those of this program, but not the same to the bit.
  @Test func anAuditFindsThatItsResultsDiffer() async throws {
    let folder = try ForeignWorker.folder()
    let server = try await Server(
      "\(Self.options) --audit 0.5 --start-with 2", in: folder)
    let foreign = try ForeignWorker.start(server)
    let own = try server.worker("own", "--data digits --slow-down 4")
    let end = try await foreign.end()
    #expect(end.status != 0 && end.errors.contains("audited lease"), "\(end.errors)")
    for program in [server.program, own] { #expect(try await program.end().status == 0) }
    #expect(try folder.json("served/report.json")["results_differing"] as? Int ?? 0 > 0)
  }

  @Test func itFindsAServerThatWasRestarted() async throws {
    let folder = try ForeignWorker.folder()
    let socket = "ipc://\(folder.path)/socket"
    let options = "\(Self.options) --checkpoint-every 10"
    let first = try await Server(options, listen: socket, in: folder)
    let foreign = try ForeignWorker.start(first)
    try await first.makesUpdates()
    first.program.send(SIGKILL)
    _ = try await first.program.end()
    let second = try Program(
      "server --resume served --listen \(socket) --insecure --verbose", in: folder)
    let end = try await second.end(within: .seconds(120))
    #expect(end.status == 0, "\(end.errors)")
    #expect(end.errors.contains("worker.name=foreign"))
    #expect(try await foreign.end().status == 0)
    #expect(try folder.json("served/report.json")["ledger_balanced"] as? Bool == true)
  }

  @Test func itDerivesTheSameSamples() throws {
    let folder = try ForeignWorker.folder()
    let program = """
      import sys
      sys.path.insert(0, "\(ForeignWorker.scripts)")
      import samples
      print(samples.Data("\(folder.file("digits"))").fingerprint)
      print(samples.permutation(1000, 11, 2))
      """
    let lines = try #require(ForeignWorker.run(program)).split(separator: "\n")
    #expect(try lines[0] == Dataset.load(.folder(folder.file("digits"))).fingerprint)
    #expect(lines[1] == "\(EpochOrder(count: 1000, seed: 11).permutation(epoch: 2))")
  }
}

/// The worker in Python without its packages.
@Suite(.enabled(if: Command.python(["--version"]).output() != nil, "install python3"))
struct ForeignWorkerHelpTests {
  @Test func itAnswersHelp() throws {
    let script = "\(ForeignWorker.scripts)/worker.py"
    let end = try Command.python(["-S", script, "--help"]).run()  // -S: no packages
    #expect(end.status == 0 && end.output.contains("--join"))
  }
}

/// The worker in scripts/foreign-worker.
enum ForeignWorker {
  static let scripts = Repository.path("scripts/foreign-worker")

  /// A Python that has the worker's packages; nil if there is none.
  static let interpreter: String? = {
    let named = ProcessInfo.processInfo.environment["TRIBUTARY_WORKER_PYTHON"] ?? "python3"
    let command = Command.python(["-c", "import google_crc32c, numpy, zmq"], interpreter: named)
    return command.output() == nil ? nil : named
  }()

  /// Runs a program in that Python, and returns its output.
  static func run(_ program: String) -> String? {
    interpreter.flatMap { Command.python(["-c", program], interpreter: $0).output() }
  }

  /// Creates a folder with generated digits as files.
  static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (set, name, count) in [(.training, "train", 1000), (.test, "t10k", 200)]
      as [(GeneratedDigits.Set, String, UInt32)]
    {
      let images = (0..<Int(count)).map { GeneratedDigits().image(set, $0) }
      try folder.write(
        Array(idx: 0x803, [count, 28, 28], images.flatMap(\.pixels)),
        "digits/\(name)-images-idx3-ubyte")
      try folder.write(
        Array(idx: 0x801, [count], images.map(\.label)), "digits/\(name)-labels-idx1-ubyte")
    }
    return folder
  }

  /// Starts the worker for a server, by default for one without keys.
  static func start(
    _ server: Server, _ options: [String]? = nil, _ environment: [String: String] = [:]
  ) throws -> Program {
    let arguments =
      [try #require(interpreter), "\(scripts)/worker.py"]
      + (options ?? ["--connect", server.endpoint])
      + ["--data", server.folder.file("digits"), "--name", "foreign"]
    return try Program(
      arguments, in: server.folder,
      environment: environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 },
      executable: URL(fileURLWithPath: "/usr/bin/env"))
  }
}
