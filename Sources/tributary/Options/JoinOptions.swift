import ArgumentParser
import Foundation
import Processes

/// The server that a peer connects to: an invitation, or an endpoint without protection.
struct JoinOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Invitation of the server: its file, its text, or - for standard input.",
      discussion: "The environment variable \(Invitation.variable) may contain it instead.",
      valueName: "invitation"))
  var join: String?

  @Option(
    help: ArgumentHelp(
      "Endpoint of a server without keys: tcp://HOST:PORT or ipc://PATH.", valueName: "endpoint"))
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

  private var source: String? {
    join ?? ProcessInfo.processInfo.environment[Invitation.variable]
  }

  /// Returns the invitation, or nil if an endpoint was given. A text in an argument is removed from
  /// lists of processes.
  ///
  /// - Throws: `AccessError`, or an error of the file.
  func invitation() throws -> Invitation? {
    guard connect == nil, let source else { return nil }
    Invitation.hideFromProcessList()
    return try Invitation.read(source)
  }
}
