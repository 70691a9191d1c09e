import Foundation
import TestSupport
import Testing

/// The training that most tests run: small, and with slices that do not divide evenly by two or
/// three workers.
enum Training {
  /// The settings; the folder of the data is `shapes`.
  static let options =
    "--data shapes --recipe v2 --units 6 --batch-size 20 --slices 7 --evaluate-every 40 --seed 4"
    + " --steps 600"

  /// The same options with more steps than a test waits for.
  static let endless = options.replacing("--steps 600", with: "--steps 100000000")

  /// Creates a folder with the data.
  static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try Shapes().write(in: folder)
    return folder
  }

  /// The model file of the whole training with one worker; trained once for all tests.
  static var reference: Data {
    get async throws { try await trained.value }
  }

  private static let trained = Task {
    let folder = try Self.folder()
    let end = try await run("train \(options) --workers 1 --run reference", in: folder)
    try #require(end.status == 0, "\(end.errors)")
    return try folder.read("reference/model.safetensors")
  }
}

/// A server that was started by `tributary server` and is ready for workers.
struct Server {
  let program: Program
  let folder: TemporaryFolder
  /// The first endpoint that it wrote into its run folder.
  let endpoint: String
  /// The name of its run folder.
  let run: String

  /// Starts a server, by default without keys, so that proxies and tests can read its messages.
  init(
    _ options: String = Training.options, listen: String = "tcp://127.0.0.1:0",
    hasKeys: Bool = false, run: String = "served", in folder: TemporaryFolder
  ) async throws {
    let program = try Program(
      "server \(options) --listen \(listen)\(hasKeys ? "" : " --insecure") --run \(run) --verbose",
      in: folder)
    try await self.init(program, run: run, in: folder)
  }

  /// Creates the value for a server that was started as `program` with the folder `run`.
  init(_ program: Program, run: String, in folder: TemporaryFolder) async throws {
    self.folder = folder
    self.program = program
    self.run = run
    try await program.prints("server is listening")
    endpoint =
      try folder.text("\(run)/endpoint").split(separator: "\n").first.map(String.init) ?? ""
  }

  /// Starts a worker, slow enough for a test to act during the run, also on a busy machine.
  func worker(
    _ name: String, _ options: String = "--data shapes --slow-down 16"
  ) throws -> Program {
    let invitation = "\(run)/invitation"
    let server = folder.exists(invitation) ? "--join \(invitation)" : "--connect \(endpoint)"
    return try Program("worker \(server) --name \(name) \(options)", in: folder)
  }

  /// Waits until the server has made its first updates.
  func makesUpdates() async throws { try await program.prints("Minibatch loss=") }

  /// The bytes of the model.
  var model: Data { get throws { try folder.read("\(run)/model.safetensors") } }
}
