import ArgumentParser
import Coordination
import Foundation
import Processes

/// The server that a worker connects to: an invitation, the folder of a run, or an endpoint without
/// protection.
struct JoinOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Invitation of the server: its file, its text, or - for standard input.",
      discussion: """
        The folder of the run serves as well. A file is read again while the server does not \
        answer: it may be written later, or change when the server moves. The environment \
        variable \(Invitation.variable) may contain the text instead.
        """, valueName: "invitation"), completion: .file())
  var join: String?

  @Option(
    help: ArgumentHelp(
      "Endpoint of a server without keys: tcp://HOST:PORT or ipc://PATH. Or a file as for --join.",
      valueName: "endpoint"), completion: .file())
  var connect: String?

  func validate() throws {
    guard join == nil || connect == nil else {
      throw ValidationError("--join and --connect cannot be given together; omit one of them")
    }
    guard source != nil || connect != nil else {
      throw ValidationError(
        "there is no server; use --join INVITATION, or --connect ENDPOINT for one without keys")
    }
  }

  private var source: String? { join ?? Invitation.ofEnvironment }

  /// Returns the place that names the server.
  ///
  /// - Throws: `AccessError` or `ProcessError`, or an error of the file.
  func location() throws -> ServerLocation {
    guard let connect else { return try Self.location(source ?? "") }
    guard connect.contains(":"), !FileManager.default.fileExists(atPath: connect) else {
      return ServerLocation(path: connect)
    }
    return try ServerLocation(endpoint: connect)
  }

  /// Returns the place that an invitation is: its file, its text, or standard input. A text in an
  /// argument is removed from lists of processes.
  static func location(
    _ source: String, role: Credential.Role = .worker
  ) throws -> ServerLocation {
    guard source == "-" || Invitation.isText(source) else {
      return ServerLocation(path: source, role: role)
    }
    Invitation.hideFromProcessList()
    return try ServerLocation(Invitation.read(source), role: role)
  }
}
