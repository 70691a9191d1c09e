import ArgumentParser
import Coordination
import Foundation
import Processes

/// The commands for the keys of a run.
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Show and change the keys that a server admits.",
    discussion: """
      A server makes a key of its own and one for workers, with the file 'invitation' in the \
      folder of the run. A running server reads a changed list within a second. Invitations are \
      files that contain a secret.
      """,
    subcommands: [
      KeysListCommand.self, KeysInviteCommand.self, KeysRotateCommand.self, KeysRevokeCommand.self,
    ])
}

/// The run whose keys a command concerns.
struct KeysRunOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder of the run. (default: the run in 'runs' whose keys changed last)", valueName: "dir"),
    completion: .directory)
  var run: String?

  /// The keys of the run.
  ///
  /// - Throws: `AccessError` if there is no run with keys.
  var keys: RunKeys {
    get throws {
      guard let folder = run ?? RunKeys.newestRun(in: "runs") else {
        throw AccessError.noKeys(folder: "runs")
      }
      return RunKeys(run: folder)
    }
  }
}

/// The command that shows the keys of a run.
struct KeysListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show the names, roles and states of the keys of a run.")

  @OptionGroup var place: KeysRunOption

  func run() throws {
    try Failure.report {
      let now = UInt64(Date().timeIntervalSince1970)
      let rows = try place.keys.entries.map { Self.row($0, at: now) }
      for row in [["NAME", "ROLE", "USE", "STATE", "CREATED", "KEY"]] + rows {
        try StandardOutput.writeLine(Self.line(row))
      }
    }
  }

  private static func row(_ entry: KeyList.Entry, at now: UInt64) -> [String] {
    let state = entry.state(at: now)
    let end = entry.expires.map { ", until \(time($0))" } ?? ""
    let credential = entry.credential
    return [
      credential.name, credential.role.rawValue, credential.isShared ? "shared" : "single",
      state.rawValue + (state == .valid ? end : ""), time(entry.created),
      String(entry.publicKey.prefix(8)) + "…",
    ]
  }

  private static func time(_ seconds: UInt64) -> String {
    Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
  }

  private static func line(_ columns: [String]) -> String {
    zip(columns, [20, 9, 7, 32, 21, 0]).map { text, width in
      text.count < width ? text.padding(toLength: width, withPad: " ", startingAt: 0) : text + " "
    }.joined().trimmingCharacters(in: .whitespaces)
  }
}

/// The command that makes a key for a peer.
struct KeysInviteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invite", abstract: "Make a key and its invitation.",
    discussion: "Prints the path of the invitation.")

  @Argument(help: "Name of the key: the peer's name in logs and reports.")
  var name: String

  @Option(
    help: ArgumentHelp("worker, or observer (may watch only).", valueName: "role"),
    completion: .list(Credential.Role.allCases.map(\.rawValue)))
  var role = Credential.Role.worker.rawValue

  @Flag(help: "Several workers use the key; it is not quarantined for the fault of one of them.")
  var shared = false

  @Option(
    help: ArgumentHelp("Time for which the key is valid: 30s, 10m, 8h or 7d.", valueName: "time"))
  var valid: String?

  @OptionGroup var place: KeysRunOption

  func validate() throws {
    guard Credential.Role(rawValue: role) != nil else {
      throw ValidationError("--role cannot be '\(role)'; use worker or observer")
    }
    if let valid { _ = try KeyDuration.seconds(valid, "--valid") }
  }

  func run() throws {
    try Failure.report {
      let path = try place.keys.invite(
        name, role: Credential.Role(rawValue: role) ?? .worker, isShared: shared,
        lifetime: try valid.map { try KeyDuration.seconds($0, "--valid") })
      try StandardOutput.writeLine(path)
    }
  }
}

/// The command that replaces a key.
struct KeysRotateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate", abstract: "Make another key of the same name; the former one expires.",
    discussion: "Prints the path of the new invitation.")

  @Argument(help: "Name of the key.")
  var name: String

  @Option(
    help: ArgumentHelp(
      "Time for which the former key stays valid: 30s, 10m, 8h or 7d.", valueName: "time"))
  var keep = "1h"

  @OptionGroup var place: KeysRunOption

  func validate() throws { _ = try KeyDuration.seconds(keep, "--keep") }

  func run() throws {
    try Failure.report {
      let path = try place.keys.rotate(name, keep: KeyDuration.seconds(keep, "--keep"))
      try StandardOutput.writeLine(path)
    }
  }
}

/// The command that revokes a key.
struct KeysRevokeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Revoke a key; its connections are closed within a second.")

  @Argument(help: "Name of the key.")
  var name: String

  @OptionGroup var place: KeysRunOption

  func run() throws {
    try Failure.report { try place.keys.revoke(name) }
  }
}

/// Durations of keys.
enum KeyDuration {
  private static let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
  private static let longest: UInt64 = 3660 * 86_400

  /// Parses a duration.
  ///
  /// - Throws: `ValidationError`, naming the option, the value and the remedy.
  static func seconds(_ text: String, _ flag: String) throws -> UInt64 {
    let product = text.last.flatMap { units[$0] }.flatMap { unit in
      UInt64(text.dropLast()).map { $0.multipliedReportingOverflow(by: unit) }
    }
    guard let (seconds, overflow) = product, !overflow, seconds <= longest else {
      throw ValidationError("\(flag) cannot be '\(text)'; use a time such as 30s, 10m, 8h or 7d")
    }
    return seconds
  }
}
